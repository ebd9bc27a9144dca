import { describe, expect, it, withFolder } from '@lowrank/testing';
import type { ChildProcess } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { lowrank, writeText } from './lowrank.js';
import { numbers } from './numbers.js';
import { withRedis } from './redis-server.js';
import { atStep, Crew, WorkerProcess } from './worker-process.js';

const steps = 9;

async function writeSweep(folder: string, rest: object): Promise<string> {
  const path = join(folder, 'sweep.json');
  const train = {
    model: 'tiny',
    targets: 'q_proj,v_proj',
    batch: 2,
    sequence: 32,
    backend: 'wasm',
    checkpointEvery: 1,
  };
  await writeFile(path, JSON.stringify({ ...train, data: [await writeText(folder)], steps, ...rest }));
  return path;
}

const reportIn = (folder: string) => readFile(join(folder, 'report.json'), 'utf8');

/** The bytes of the adapter that the report names. */
async function bestIn(folder: string): Promise<Buffer> {
  const { best } = JSON.parse(await reportIn(folder)) as { best: { folder: string } };
  return readFile(join(folder, best.folder, 'adapter_model.safetensors'));
}

describe('lowrank sweep --redis', () => {
  it('reports what one machine does, each trial done once, though workers, Redis and the sweep itself are killed', async () => {
    await withRedis(async (redis, folder) => {
      const search = { rank: [2, 4], learningRate: [0.003, 0.03] };
      const file = await writeSweep(folder, { search, strategy: 'halving', trials: 4, minSteps: 3, eta: 3 });
      const [alone, shared] = [join(folder, 'alone'), join(folder, 'shared')];
      const local = await lowrank(['sweep', file, '--out', alone, '--parallel', '2', '--json']);
      expect([local.code, local.events.filter(({ type }) => type === 'trial-end').length]).toEqual([0, 5]);

      const crew = new Crew(['--redis', redis.url, '--folder', shared, '--lock', '1']);
      const random = numbers(20_261_126);
      const queue = (onLine?: (line: string, child: ChildProcess) => void) =>
        lowrank(['sweep', file, '--out', shared, '--redis', redis.url, '--json'], onLine ? { onLine } : {});
      try {
        // A worker dies in a trial at a step that is drawn; another comes, and Redis is killed and started again.
        const mishap = async (restart: boolean) => {
          const worker = crew.hire();
          await worker.next(atStep(random(1, 2)));
          worker.signal('SIGKILL');
          await worker.ended;
          if (restart) await redis.restart();
          crew.hire();
        };
        const mishaps = [mishap(false), mishap(true)];
        const killed = await queue((line, child) => void (line.includes('"trial-end"') && child.kill('SIGKILL')));
        expect(killed.code).toBe(null);
        await Promise.all(mishaps);
        const again = await queue();
        expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('best: adapter in')]);
        expect(await reportIn(shared)).toBe(await reportIn(alone));
        const ended = crew.all.flatMap(({ events }) => events).filter(({ type }) => type === 'job-end');
        const ids = ended.map(({ id }) => id as string);
        expect([ids.length, new Set(ids).size]).toEqual([5, 5]);
        expect((await bestIn(shared)).equals(await bestIn(alone))).toBe(true);
      } finally {
        await crew.dismiss();
      }
    });
  }, 180_000);

  it('ends on Ctrl-C though Redis is away', async () => {
    await withRedis(async (redis, folder) => {
      const file = await writeSweep(folder, { search: { rank: [2] } });
      const out = join(folder, 'out');
      const stopped = await lowrank(['sweep', file, '--out', out, '--redis', redis.url, '--json'], {
        onLine: (line, child) => {
          if (line.includes('"trial-start"')) void redis.stop().then(() => child.kill('SIGINT'));
        },
      });
      expect([stopped.code, stopped.stderr]).toEqual([130, expect.stringContaining('To go on')]);
    });
  });
});

describe('lowrank worker --job', () => {
  it('does the one trial of a file, goes on after it was killed, and leaves what a sweep then reports', async () => {
    await withFolder(async (folder) => {
      const file = await writeSweep(folder, { search: { rank: [2, 4] } });
      const [alone, out] = [join(folder, 'alone'), join(folder, 'out')];
      await lowrank(['sweep', file, '--out', alone, '--parallel', '2']);
      const pods = [
        '--emit',
        'kubernetes',
        '--image',
        'lowrank:1',
        '--claim',
        'shared',
        '--mount',
        folder,
        '--memory',
        '4GiB',
      ];
      const emitted = await lowrank(['sweep', file, '--out', out, ...pods]);
      expect([emitted.code, emitted.stderr]).toEqual([0, '']);
      const { data } = parseAllDocuments(emitted.stdout)[0]!.toJS() as { data: Record<string, string> };
      for (const [index, text] of Object.values(data).entries()) {
        const job = join(folder, `job-${index}.json`);
        await writeFile(job, text);
        const args = ['--folder', out, '--job', job];
        const killed = new WorkerProcess(args);
        await killed.next(atStep(4));
        killed.signal('SIGKILL');
        await killed.ended;
        const { code, events } = await lowrank(['worker', ...args, '--json']);
        expect([code, events.at(-1)]).toMatchObject([0, { type: 'job-end', step: steps }]);
      }
      const report = await lowrank(['sweep', file, '--out', out, '--json']);
      expect(report.code).toBe(0);
      expect(await reportIn(out)).toBe(await reportIn(alone));

      const wrong = join(folder, 'wrong.json');
      await writeFile(wrong, '{"id": 5}');
      const refused = await lowrank(['worker', '--folder', out, '--job', wrong]);
      expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('it is no job of a sweep')]);
      await writeFile(wrong, JSON.stringify({ id: 'job', config: {}, steps, folder: '../outside' }));
      const outside = await lowrank(['worker', '--folder', out, '--job', wrong]);
      expect([outside.code, outside.stderr]).toEqual([1, expect.stringContaining("the sweep's own")]);
    });
  }, 120_000);
});
