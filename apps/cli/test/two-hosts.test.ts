import { jobOf, runJob, type Job } from '@lowrank/sweep';
import { bullmqEngine } from '@lowrank/sweep/bullmq';
import { describe, expect, it } from '@lowrank/testing';
import { hostname } from 'node:os';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { writeText } from './lowrank.js';
import { withRedis } from './redis-server.js';
import { atStep, onHost, WorkerProcess } from './worker-process.js';

const command = [process.execPath, fileURLToPath(new URL('../dist/main.js', import.meta.url))];
const steps = 24;
const jobEvents = ['job-start', 'job-return', 'job-end', 'job-fail'];

async function jobIn(folder: string): Promise<Job> {
  const train = { model: 'tiny', rank: 2, targets: 'q_proj,v_proj', batch: 2, sequence: 32, backend: 'wasm' };
  return jobOf({ ...train, data: [await writeText(folder)], steps, checkpointEvery: 12, evalEvery: 12 }, steps);
}

interface TwoHosts {
  /** Of another machine; its lock lasts a second. */
  far: WorkerProcess;
  /** What has the trial's folder. */
  owner: () => Promise<{ host: string; pid: number }>;
  /** Hires a worker of this machine. */
  hire: () => WorkerProcess;
}

/** Gives a trial to a worker of another machine, and checks what it and its end left once `body` has made it trouble. */
async function checkTrial(body: (hosts: TwoHosts) => Promise<void>): Promise<void> {
  await withRedis(async ({ url }, folder) => {
    const job = await jobIn(folder);
    const [shared, alone] = [join(folder, 'shared'), join(folder, 'alone')];
    const engine = await bullmqEngine({ redis: url, folder: shared });
    const args = ['--redis', url, '--folder', shared, '--lock', '1'];
    const workers = [new WorkerProcess(args, onHost('far'))];
    const hire = () => workers[workers.push(new WorkerProcess(args)) - 1]!;
    const text = (of: string, name: string) => readFile(join(of, job.folder, name), 'utf8');
    const owner = async () => JSON.parse(await text(shared, 'process.json')) as { host: string; pid: number };
    try {
      await engine.submit(job);
      const far = workers[0]!;
      await body({ far, owner, hire });
      far.signal('SIGTERM');
      await far.ended;
      const undisturbed = await runJob(job, { command, folder: alone });
      expect(await engine.result(job.id)).toMatchObject({ loss: undisturbed.loss, step: steps });
      expect(await engine.status(job.id)).toBe('done');
      const [gone, done] = workers.map(({ events }) => events.filter(({ type }) => jobEvents.includes(type)));
      expect(gone!.map(({ type, why }) => [type, why])).toEqual([
        ['job-start', undefined],
        ['job-return', 'lock-lost'],
      ]);
      expect(done!.filter(({ type }) => type === 'job-end' || type === 'job-fail').map(({ type }) => type)).toEqual([
        'job-end',
      ]);
      const adapter = 'adapter_model.safetensors';
      expect(
        (await bytes(join(shared, job.folder, adapter))).equals(await bytes(join(alone, job.folder, adapter))),
      ).toBe(true);
      const taken = stepsIn(await text(shared, 'run/events.jsonl'));
      const once = new Map(taken);
      // A line that was just being written as the machine fell asleep comes late, in between the others, and is the same.
      const inOrder = [...once].toSorted(([one], [other]) => one - other);
      expect(inOrder).toEqual(stepsIn(await text(alone, 'run/events.jsonl')));
      expect(taken.length - once.size).toBeLessThanOrEqual(1);
      for (const [step, loss] of taken) expect(once.get(step)).toBe(loss);
    } finally {
      for (const worker of workers) worker.signal('SIGKILL');
      await Promise.all(workers.map(({ ended }) => ended));
      await engine.close();
    }
  });
}

describe('a worker of another machine that was silent until its trial went elsewhere', () => {
  it('gives up as it wakes, and its process writes nothing more', async () => {
    await checkTrial(async ({ far, owner, hire }) => {
      // Between two checkpoints: what it had written halfway would be taken away from it.
      await far.next(atStep(13));
      const asleep = await owner();
      expect(asleep.host).toBe('far');
      for (const pid of [far.pid, asleep.pid]) process.kill(pid, 'SIGSTOP');
      const near = hire();
      await near.next(atStep(1));
      const awake = await owner();
      expect(awake).toMatchObject({ host: hostname() });
      // Held, so that those who wake meet it in the middle.
      process.kill(awake.pid, 'SIGSTOP');
      try {
        const returned = far.next(({ type }) => type === 'job-return');
        process.kill(asleep.pid, 'SIGCONT');
        // By itself, before its worker sees to it.
        await ended(asleep.pid);
        far.signal('SIGCONT');
        expect(await returned).toMatchObject({ why: 'lock-lost' });
        const refused = { type: 'error', rule: 'another process goes on with this trial' };
        expect(far.events.map(({ of }) => of)).toContainEqual(expect.objectContaining(refused));
        expect(await owner()).toEqual(awake);
      } finally {
        process.kill(awake.pid, 'SIGCONT');
      }
    });
  }, 60_000);

  it('tells of no end where its process came to it meanwhile', async () => {
    await checkTrial(async ({ far, owner, hire }) => {
      await far.next(atStep(13));
      far.signal('SIGSTOP');
      await ended((await owner()).pid);
      await hire().next(({ type }) => type === 'job-end');
      const returned = far.next(({ type }) => type === 'job-return');
      far.signal('SIGCONT');
      await returned;
    });
  }, 60_000);
});

/** Resolves when a process has ended, though who started it has not heard of it. */
async function ended(pid: number): Promise<void> {
  while ((await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')) !== '') await setTimeout(50);
}

const bytes = (path: string) => readFile(path);

/** Each step with its loss as often as it was written down. */
function stepsIn(text: string): [number, number][] {
  const events = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; step: number; loss: number });
  return events.filter(({ type }) => type === 'step-end').map(({ step, loss }) => [step, loss]);
}
