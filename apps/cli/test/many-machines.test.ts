import { jobOf, runJob, type Job, type JobResult } from '@lowrank/sweep';
import { bullmqEngine } from '@lowrank/sweep/bullmq';
import { describe, errorOf, expect, it, withFolder } from '@lowrank/testing';
import { Redis } from 'ioredis';
import { ConfigMap, type IConfigMap } from 'kubernetes-models/v1';
import { Job as KubernetesJob, type IJob } from 'kubernetes-models/batch/v1';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { lowrank, writeText } from './lowrank.js';
import { numbers } from './numbers.js';
import { withRedis } from './redis-server.js';
import { atStep, Crew, WorkerProcess } from './worker-process.js';

const command = [process.execPath, fileURLToPath(new URL('../dist/main.js', import.meta.url))];
const steps = 12;

describe('a sweep on many machines', () => {
  it('finishes each trial once, as on one machine, though workers are killed and Redis restarts', async () => {
    await withRedis(async (redis, folder) => {
      const jobs = await jobsOf(folder, 3);
      const shared = join(folder, 'shared');
      const engine = await bullmqEngine({ redis: redis.url, folder: shared });
      for (const job of [...jobs, ...jobs]) await engine.submit(job);
      const crew = new Crew(['--redis', redis.url, '--folder', shared, '--lock', '1']);
      const random = numbers(20261126);
      try {
        const results = Promise.all(jobs.map(({ id }) => engine.result(id)));
        const workers = [crew.hire(), crew.hire(), crew.hire()];
        // Two die in the middle of a trial, at steps that are drawn; the third is told to end, and gives its trial back.
        const mishaps = workers.map(async (worker, index) => {
          const moment = random(1, steps - 2);
          await Promise.race([worker.next(atStep(moment)), results]);
          if (index === 1) await redis.restart();
          worker.signal(index === 2 ? 'SIGTERM' : 'SIGKILL');
          await worker.ended;
          crew.hire();
          return [index, moment];
        });
        const moments = await Promise.all(mishaps);
        const done = await results;
        const alone = await Promise.all(jobs.map((job) => runJob(job, { command, folder: join(folder, 'alone') })));
        expect(done.map(comparable), `killed at ${JSON.stringify(moments)}`).toEqual(alone.map(comparable));
        for (const job of jobs) {
          expect(await stepsOf(join(shared, job.folder))).toEqual(await stepsOf(join(folder, 'alone', job.folder)));
          expect(await engine.status(job.id)).toBe('done');
        }
        const all = crew.all.flatMap(({ events }) => events);
        expect(all.filter(({ type }) => type === 'job-end').map(({ id }) => id)).toHaveLength(jobs.length);
        expect(all.filter(({ type }) => type === 'job-fail')).toEqual([]);
        expect(workers[2]!.events.at(-1)).toMatchObject({ type: 'worker-end' });
      } finally {
        await crew.dismiss();
        await engine.close();
      }
    });
  }, 180_000);

  it('keeps a trial with its worker however long a step takes, tells why one failed, and ends one that is cancelled', async () => {
    await withRedis(async (redis, folder) => {
      const [long, wrong, late] = (await jobsOf(folder, 3)) as [Job, Job, Job];
      const engine = await bullmqEngine({ redis: redis.url, folder });
      const worker = new WorkerProcess(['--redis', redis.url, '--folder', folder, '--lock', '2', '--idle', '1']);
      const client = new Redis(redis.url);
      try {
        await engine.submit(long);
        const first = worker.next(atStep(1));
        await first;
        const child = Number(await readFile(`/proc/${worker.pid}/task/${worker.pid}/children`, 'utf8'));
        process.kill(child, 'SIGSTOP');
        // Each renewal sets the lock anew: four of them take twice as long as one lasts.
        await client.psubscribe('__keyspace@0__:bull:*:lock');
        await new Promise<void>((resolve) => {
          let renewals = 0;
          client.on('pmessage', (_pattern, _channel, message) => message === 'set' && ++renewals === 4 && resolve());
        });
        expect(await engine.status(long.id)).toBe('running');
        process.kill(child, 'SIGCONT');
        expect(await engine.result(long.id)).toMatchObject({ step: steps, attempts: 1 });
        expect(await engine.logs(long.id)).toContain('"type":"step-end"');

        await engine.submit({ ...wrong, config: { ...wrong.config, rank: 'many' } });
        const error = await errorOf(() => engine.result(wrong.id));
        expect([error.code, error.rule]).toEqual(['trial-failed', expect.stringContaining('--rank')]);

        const outside = { ...wrong, id: 'outside', folder: '../outside' };
        await engine.submit(outside);
        const refused = await errorOf(() => engine.result(outside.id));
        expect([refused.code, refused.rule]).toEqual(['trial-failed', expect.stringContaining("the sweep's own")]);

        const started = worker.next(atStep(1));
        await engine.submit(late);
        await started;
        await engine.cancel(late.id);
        expect((await errorOf(() => engine.result(late.id))).rule).toBe('it was cancelled');
        expect(await engine.status(late.id)).toBe('cancelled');
        await worker.ended;
        expect(worker.events.at(-1)).toMatchObject({ type: 'worker-end', reason: 'idle' });
      } finally {
        worker.signal('SIGKILL');
        client.disconnect();
        await engine.close();
      }
    });
  }, 120_000);

  it('names what is wrong with a queue', async () => {
    await withFolder(async (folder) => {
      const worker = (...args: string[]) => lowrank(['worker', '--folder', folder, '--json', ...args]);
      const absent = await worker('--redis', 'redis://someone:secret@127.0.0.1:1');
      expect([absent.code, absent.events[0]]).toMatchObject([1, { code: 'queue-unavailable' }]);
      expect(absent.stdout + absent.stderr).not.toContain('secret');
      expect((await worker('--redis', '127.0.0.1:1')).events[0]).toMatchObject({ code: 'config-invalid' });
      const { events } = await worker('--redis', 'redis//user:secret@127.0.0.1:1');
      expect(events[0]).toMatchObject({ code: 'config-invalid', given: 'redis "127.0.0.1:1"' });
      const none = await worker();
      expect([none.code, none.events[0]]).toMatchObject([2, { given: 'no --redis' }]);
    });
  });
});

describe('lowrank sweep --emit kubernetes', () => {
  it('writes what its schema takes, for a grid or for workers of a queue, and refuses what cannot be', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'sweep.yaml');
      const options = { model: 'tiny', data: ['/work/text.txt'], steps: 9, search: { rank: [2, 4, 8] } };
      await writeFile(file, stringify(options));
      const emit = (...args: string[]) =>
        lowrank(['sweep', file, '--out', '/work/Ranks', '--emit', 'kubernetes', ...args]);
      const pods = ['--image', 'lowrank:1', '--claim', 'shared', '--mount', '/work', '--memory', '4GiB'];

      const [config, trials] = parseAllDocuments((await emit(...pods, '--parallel', '2')).stdout).map((each) =>
        each.toJS(),
      ) as [IConfigMap, IJob];
      new ConfigMap(config).validate();
      new KubernetesJob(trials).validate();
      expect(Object.values(config.data!).map((text) => JSON.parse(text).config.rank)).toEqual([2, 4, 8]);
      expect([trials.metadata!.name, trials.spec!.completions, trials.spec!.parallelism]).toEqual([
        'lowrank-ranks',
        3,
        2,
      ]);
      const queued = await emit(...pods, '--redis', 'redis://queue:6379', '--parallel', '2');
      new KubernetesJob(parse(queued.stdout) as IJob).validate();

      const bare = await emit();
      expect([bare.code, bare.stderr]).toEqual([2, expect.stringContaining('--image')]);
      await writeFile(file, stringify({ ...options, strategy: 'halving', minSteps: 3, eta: 3, trials: 3 }));
      expect((await emit(...pods)).stderr).toContain('add --redis');
    });
  });
});

async function jobsOf(folder: string, count: number): Promise<Job[]> {
  const data = [await writeText(folder)];
  return Array.from({ length: count }, (_, index) => {
    const config = { model: 'tiny', data, rank: 2, targets: 'q_proj,v_proj', batch: 2, sequence: 32, backend: 'wasm' };
    return jobOf({ ...config, steps, learningRate: 0.001 * (index + 1), checkpointEvery: 2, evalEvery: 6 }, steps);
  });
}

/** What does not depend on how fast or how often a trial ran. */
const comparable = ({ id, loss, step }: JobResult) => ({ id, loss, step });

async function stepsOf(out: string): Promise<[number, number][]> {
  expect(await readdir(out)).toContain('adapter_model.safetensors');
  const lines = (await readFile(join(out, 'run', 'events.jsonl'), 'utf8')).trim().split('\n');
  const events = lines.map((line) => JSON.parse(line) as { type: string; step: number; loss: number });
  return events.filter(({ type }) => type === 'step-end').map(({ step, loss }) => [step, loss]);
}
