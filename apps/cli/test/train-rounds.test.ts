import { averageAdapters } from '@lowrank/combine';
import { readPeft } from '@lowrank/formats';
import { expect, it, withFolder } from '@lowrank/testing';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lowrank, writeText } from './lowrank.js';

const options = {
  ...{ model: 'tiny', targets: 'q_proj,v_proj', rank: 2, batch: 2, sequence: 32, backend: 'wasm' },
  ...{ rounds: 2, steps: 2, evalEvery: 2, checkpointEvery: 1 },
};

async function writeRounds(folder: string, rest: object = {}): Promise<string> {
  const shards = [[await writeText(folder, 'one.txt')], [await writeText(folder, 'two.txt')]];
  const path = join(folder, 'rounds.json');
  await writeFile(path, JSON.stringify({ ...options, shards, ...rest }));
  return path;
}

it('trains one adapter by two workers, goes on after it was killed, and ends in a PEFT folder', async () => {
  await withFolder(async (folder) => {
    const file = await writeRounds(folder);
    const out = join(folder, 'out');
    const command = ['train-rounds', file, '--out', out, '--json'];
    const killed = await lowrank(command, {
      onLine: (line, child) => void (line.includes('"worker-end"') && child.kill('SIGKILL')),
    });
    expect(killed.code).toBe(null);
    const again = await lowrank(command);
    expect([again.code, again.events.at(-1)]).toEqual([
      0,
      { type: 'result', adapter: join(out, 'round-2', 'average') },
    ]);

    const read = (round: number, name: string) => readPeft(join(out, `round-${round}`, name));
    const workers = await Promise.all([1, 2].map((worker) => read(2, `worker-${worker}`)));
    const [first, average] = [await read(1, 'average'), await read(2, 'average')];
    expect(average.tensors).toEqual(averageAdapters(workers, { method: 'frozen-a' }).adapter.tensors);
    for (const [name, { data }] of average.tensors) {
      const same = data.every((value, at) => value === first.tensors.get(name)!.data[at]);
      expect(same, name).toBe(name.includes('lora_A'));
    }
  });
}, 120_000);

it('refuses the mean of A and of B apart, and says what there is', async () => {
  await withFolder(async (folder) => {
    const file = await writeRounds(folder, { average: 'factors' });
    const { code, stderr } = await lowrank(['train-rounds', file, '--out', join(folder, 'out')]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('frozen-a or product')]);
  });
});
