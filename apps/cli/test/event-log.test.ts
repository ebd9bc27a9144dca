import { expect, it, withFolder } from '@lowrank/testing';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EventLog } from '../src/train/event-log.js';

it('a run whose folder is taken away says that its events cannot be written', async () => {
  await withFolder(async (folder) => {
    const run = join(folder, 'run');
    await mkdir(run);
    const path = join(run, 'events.jsonl');
    const log = await EventLog.open(path, -1);
    await rm(run, { recursive: true });
    const sample = { type: 'sample', when: 'before', step: 0, prompt: 'a', text: 'b' } as const;
    await expect(log.add(sample)).rejects.toMatchObject({ code: 'file-unwritable', given: path });
  });
});
