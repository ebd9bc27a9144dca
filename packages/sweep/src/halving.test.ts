import { describe, expect, it } from '@lowrank/testing';
import { LowrankError } from '@lowrank/core';
import { promoted, rungsOf, runSweep, sweepReport, type Engine, type Job } from '@lowrank/sweep';

describe('rungsOf', () => {
  it('multiplies steps until there are all', () => {
    expect(rungsOf({ minSteps: 10, steps: 100, eta: 3 })).toEqual([10, 30, 90, 100]);
    expect(rungsOf({ minSteps: 5, steps: 40, eta: 2 })).toEqual([5, 10, 20, 40]);
    expect(rungsOf({ minSteps: 7, steps: 7 })).toEqual([7]);
  });
});

describe('promoted', () => {
  const losses = new Map([3, 1, 2, 1, Infinity, 9].map((loss, trial) => [trial, loss]));
  const members = [0, 1, 2, 3, 4, 5];

  it('is the best third, of equals the earlier, once all are there', () => {
    expect(promoted({ members, losses, closed: true }, { minSteps: 1, steps: 9 })).toEqual([1, 3]);
    expect(promoted({ members: [...members, 6], losses, closed: true }, { minSteps: 1, steps: 9 })).toEqual([]);
    expect(promoted({ members, losses, closed: false }, { minSteps: 1, steps: 9 })).toEqual([]);
  });

  it('is one at least, and never one that failed', () => {
    expect(promoted({ members: [0, 4], losses, closed: true }, { minSteps: 1, steps: 9 })).toEqual([0]);
    expect(promoted({ members: [4], losses, closed: true }, { minSteps: 1, steps: 9 })).toEqual([]);
  });

  it('waits for none when asynchronous', () => {
    const some = new Map([...losses].slice(0, 3));
    expect(promoted({ members, losses: some, closed: true }, { minSteps: 1, steps: 9, asynchronous: true })).toEqual([
      1,
    ]);
  });
});

/** Loss falls with steps; better trials have a smaller `quality`. */
const lossOf = (quality: number, steps: number) => quality + 1 / steps;

/** An engine in memory that ends jobs in an order of its own. */
function memoryEngine(order: (job: Job) => number, fails: (job: Job) => boolean = () => false) {
  const jobs: Job[] = [];
  const engine: Engine = {
    submit: async (job) => void jobs.push(job),
    status: async () => 'done',
    logs: async () => '',
    cancel: async () => {},
    close: async () => {},
    async result(id) {
      const job = jobs.find((each) => each.id === id)!;
      for (let turn = 0; turn < order(job); turn++) await Promise.resolve();
      if (fails(job)) throw new LowrankError('trial-failed', { given: id, rule: 'it broke', fix: 'none' });
      return { id, loss: lossOf(job.config['quality'] as number, job.steps), step: job.steps, seconds: 0, attempts: 1 };
    },
  };
  return { engine, jobs };
}

const trials = Array.from({ length: 9 }, (_, index) => ({ quality: (7 * index) % 9 }));

/** What halving does, written down rung by rung. */
function reference(rungs: number[], eta: number): Map<string, number> {
  let alive = trials;
  const steps = new Map<string, number>();
  rungs.forEach((rung, index) => {
    for (const trial of alive) steps.set(JSON.stringify(trial), rung);
    const sorted = [...alive].sort((left, right) => lossOf(left.quality, rung) - lossOf(right.quality, rung));
    if (index + 1 < rungs.length) alive = sorted.slice(0, Math.max(1, Math.floor(alive.length / eta)));
  });
  return steps;
}

describe('runSweep', () => {
  for (const [name, order] of [
    ['as they came', () => 1],
    ['from the last', ({ config }: Job) => 50 - 5 * (config['quality'] as number)],
    ['long ones first', ({ steps }: Job) => 40 - steps],
  ] as const) {
    it(`takes each trial as far as halving by hand does, ended ${name}`, async () => {
      const { engine, jobs } = memoryEngine(order);
      const outcomes = await runSweep({ engine, trials, plan: { minSteps: 1, steps: 9, eta: 3 } });
      const found = new Map(outcomes.map(({ trial, step }) => [JSON.stringify(trial), step]));
      expect(found).toEqual(reference([1, 3, 9], 3));
      expect(new Set(jobs.map(({ id }) => id)).size).toBe(jobs.length);
      const report = sweepReport(outcomes);
      expect([report.best?.trial, report.best?.step]).toEqual([{ quality: 0 }, 9]);
      expect(report.trials.map(({ step }) => step)).toEqual([9, 3, 3, 1, 1, 1, 1, 1, 1]);
    });
  }

  it('tells of a trial that fails and goes on with the others', async () => {
    const { engine } = memoryEngine(
      () => 1,
      ({ config }) => config['quality'] === 0,
    );
    const events: string[] = [];
    const outcomes = await runSweep({
      engine,
      trials,
      plan: { steps: 5 },
      onEvent: ({ type }) => events.push(type),
    });
    expect(outcomes[0]).toMatchObject({ trial: { quality: 0 }, error: 'it broke' });
    expect(events.filter((type) => type === 'trial-fail')).toHaveLength(1);
    expect(sweepReport(outcomes).best?.trial).toEqual({ quality: 1 });
    expect(sweepReport(outcomes).trials.at(-1)?.error).toBe('it broke');
  });

  it('takes the best of every three so far further when asynchronous, and ends with the best', async () => {
    const { engine } = memoryEngine(({ config }) => 3 * (config['quality'] as number));
    const outcomes = await runSweep({ engine, trials, plan: { minSteps: 1, steps: 9, eta: 3, asynchronous: true } });
    expect(sweepReport(outcomes).best).toMatchObject({ trial: { quality: 0 }, step: 9 });
  });
});
