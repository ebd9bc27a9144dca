import { describe, expect, it, withFolder } from '@lowrank/testing';
import { jobOf, runJob } from '@lowrank/sweep';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lowrank, writeText } from './lowrank.js';

const base = (data: string) => ({
  ...{ model: 'tiny', targets: 'q_proj,v_proj', batch: 2, sequence: 32, backend: 'wasm', data: [data] },
  ...{ checkpointEvery: 1, evalEvery: 2 },
});

async function writeSweep(folder: string, rest: object): Promise<string> {
  const path = join(folder, 'sweep.json');
  await writeFile(path, JSON.stringify({ ...base(await writeText(folder)), ...rest }));
  return path;
}

const reportIn = (folder: string) => readFile(join(folder, 'report.json'), 'utf8');

describe('lowrank sweep', () => {
  it('goes on after it and its trials were killed, repeats nothing, and reports what an undisturbed one does', async () => {
    await withFolder(async (folder) => {
      const search = { rank: [2, 4], learningRate: [0.01] };
      const file = await writeSweep(folder, { steps: 6, search, strategy: 'halving', minSteps: 2, trials: 2 });
      const [whole, hurt] = [join(folder, 'whole'), join(folder, 'hurt')];
      const undisturbed = await lowrank(['sweep', file, '--out', whole, '--json']);
      expect([undisturbed.code, undisturbed.events.at(-1)]).toEqual([0, expect.objectContaining({ type: 'result' })]);
      expect(undisturbed.events.filter(({ type }) => type === 'trial-end')).toHaveLength(3);

      const killed = await lowrank(['sweep', file, '--out', hurt, '--json'], {
        onLine: (line, child) => void (line.includes('"trial-end"') && child.kill('SIGKILL')),
      });
      expect(killed.code).toBe(null);
      const again = await lowrank(['sweep', file, '--out', hurt, '--json']);
      expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('best: adapter in')]);
      expect(await reportIn(hurt)).toBe(await reportIn(whole));
      const best = again.events.at(-1)!['best'] as string;
      expect(JSON.parse(await readFile(join(best, 'adapter_config.json'), 'utf8'))).toMatchObject({
        peft_type: 'LORA',
      });

      // Once more: everything is there, so no process is started.
      const third = await lowrank(['sweep', file, '--out', hurt, '--json']);
      expect(third.events.filter(({ type }) => type === 'trial-end').map(({ attempts }) => attempts)).toEqual(
        again.events.filter(({ type }) => type === 'trial-end').map(({ attempts }) => attempts),
      );
    });
  }, 120_000);

  it('goes on from the last checkpoint where a trial alone is killed, and ends no process that is none of its trials', async () => {
    await withFolder(async (folder) => {
      const job = jobOf({ ...base(await writeText(folder)), steps: 4, rank: 2 }, 4);
      const command = [process.execPath, fileURLToPath(new URL('../dist/main.js', import.meta.url))];
      const whole = await runJob(job, { command, folder: join(folder, 'whole') });
      const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
      const hurt = join(folder, 'hurt');
      const owner = join(hurt, job.folder, 'process.json');
      await mkdir(join(hurt, job.folder), { recursive: true });
      await writeFile(owner, JSON.stringify({ host: hostname(), pid: stranger.pid }));
      let killed = false;
      const onLog = (line: string) => {
        if (killed || !line.includes('"checkpoint-write"')) return;
        killed = true;
        process.kill((JSON.parse(readFileSync(owner, 'utf8')) as { pid: number }).pid, 'SIGKILL');
      };
      const result = await runJob(job, { command, folder: hurt, onLog });
      expect([stranger.exitCode, stranger.signalCode]).toEqual([null, null]);
      stranger.kill();
      expect(result).toEqual({ ...whole, seconds: result.seconds, attempts: 2 });
      expect(whole.attempts).toBe(1);
    });
  });

  it('ends on Ctrl-C, and says how to go on', async () => {
    await withFolder(async (folder) => {
      const file = await writeSweep(folder, { steps: 200, search: { rank: [2] } });
      const out = join(folder, 'out');
      const stopped = await lowrank(['sweep', file, '--out', out, '--json'], {
        onLine: (line, child) => void (line.includes('"trial-start"') && child.kill('SIGINT')),
      });
      expect([stopped.code, stopped.stderr]).toEqual([
        130,
        expect.stringContaining(`lowrank sweep ${file} --out ${out}`),
      ]);
    });
  });

  it('lists its trials on a dry run', async () => {
    await withFolder(async (folder) => {
      const file = await writeSweep(folder, { steps: 6, search: { rank: [2, 4], seed: [0, 1] } });
      const { code, events } = await lowrank(['sweep', file, '--out', join(folder, 'out'), '--dry-run', '--json']);
      expect(code).toBe(0);
      expect(events[0]!['trials'].map(({ rank, seed }: Record<string, number>) => [rank, seed])).toEqual([
        [2, 0],
        [2, 1],
        [4, 0],
        [4, 1],
      ]);
    });
  });

  it('fails a trial by name, and tells what its process said', async () => {
    await withFolder(async (folder) => {
      const search = { targets: ['q_proj', 'nothing'] };
      const { targets: _, ...rest } = base(await writeText(folder));
      const file = join(folder, 'sweep.json');
      await writeFile(file, JSON.stringify({ ...rest, steps: 2, search }));
      const { code, events } = await lowrank([
        'sweep',
        file,
        '--out',
        join(folder, 'out'),
        '--json',
        '--parallel',
        '2',
      ]);
      expect(code).toBe(0);
      const failed = events.find(({ type }) => type === 'trial-fail');
      expect(failed!['error']).toMatch(/nothing/);
      expect(events.at(-1)!['trials']).toHaveLength(2);
    });
  });

  for (const [name, change, message] of [
    ['an option that train has not', { search: { ranks: [2] }, steps: 2 }, /ranks[\s\S]*nearest here: rank/],
    ['a choice that the option does not take', { search: { rank: [2, -1] }, steps: 2 }, /rank: -1/],
    [
      'a range that holds what the option does not take',
      { search: { rank: { min: 4, max: 16 } }, strategy: 'random', trials: 3, steps: 2 },
      /rank: \d+\.\d/,
    ],
    ['no steps', { search: { rank: [2] } }, /steps[\s\S]*this sweep needs it/],
    ['no space', { steps: 2 }, /search[\s\S]*choices or a range/],
    ['a strategy that is none', { search: { rank: [2] }, steps: 2, strategy: 'gird' }, /nearest here: grid/],
  ] as const) {
    it(`refuses ${name}`, async () => {
      await withFolder(async (folder) => {
        const file = await writeSweep(folder, change);
        const { code, stderr } = await lowrank(['sweep', file, '--out', join(folder, 'out')]);
        expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
      });
    });
  }
});
