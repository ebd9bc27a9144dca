import {
  FrozenLinear,
  hostOf,
  planAdapter,
  randomFloats,
  type Checkpoint,
  type LoraConfigInput,
  type PlainTensor,
} from '@lowrank/core';
import { LoraManager } from '@lowrank/manager';
import { adaptiveRanks, compactAdapter, type AdaptiveRanksOptions } from '@lowrank/rank';
import { describe, errorOf, expect, expectClose, it } from '@lowrank/testing';
import { train, type BatchSource } from '@lowrank/trainer';
import { mean, mul, square, sub, tensor2d, tidy, type Tensor2D } from '@tensorflow/tfjs-core';

const [inputs, hidden, outputs, rows] = [14, 18, 10, 8];
const config = { rank: 6, alpha: 9, targetModules: ['first', 'second'] };
const budget = 4 * (inputs + hidden) + 3 * (hidden + outputs); // of 6 and 6
const options = { steps: 40, learningRate: 0.02, seed: 3 };

describe('training with adaptive ranks', () => {
  it.onEachBackend('ends within the budget, in a plain adapter that computes the same', async () => {
    using model = build();
    await model.train({});
    const whole = await model.manager.adapter('new');
    const compact = compactAdapter(whole, model.plan);
    const factors = [...compact.tensors.values()];
    const parameters = factors.reduce((sum, { data }) => sum + data.length, 0);
    expect(parameters).toBeLessThanOrEqual(budget);
    expect(parameters).toBeGreaterThan(budget - (inputs + hidden));
    const { modules } = planAdapter(compact.config, model.host.modules());
    for (const { path, rank, scaling } of modules) {
      expect(compact.tensors.get(`${path}.lora_B.weight`)!.shape[0]).toBe(rank);
      expect(compact.tensors.get(`${path}.lora_A.weight`)!.shape[1]).toBe(rank);
      expect(scaling).toBe(1.5);
      const there = whole.tensors.get(`${path}.lora_B.weight`) as PlainTensor;
      expect(nonzeroRows(there)).toBe(rank);
    }
    const before = model.outputs();
    model.manager.add('compact', compact);
    model.manager.activate('compact');
    expectClose(model.outputs(), before, { atol: 1e-5, because: 'the same sums in another order' });
  });

  it.onEachBackend('goes on from a checkpoint to the same bits, whatever it was at', async () => {
    using model = build();
    const whole = await model.train({});
    for (const at of [3, 17, 31]) {
      using half = build();
      const stopped = await half.train({ stopAt: at });
      expect(stopped.last.step).toBe(at);
      using rest = build();
      expect((await rest.train({ resume: stopped.last })).last).toEqual(whole.last);
    }
  });

  it('leaves a module without adapter where none of its components is worth it', async () => {
    using model = build();
    await model.train({ scaleOfSecond: 1e-3, parameters: 2 * (inputs + hidden) });
    const compact = compactAdapter(await model.manager.adapter('new'), model.plan);
    const ranks = planAdapter(compact.config, model.host.modules()).modules.map(({ path, rank }) => [path, rank]);
    expect(ranks.length + compact.tensors.size).toBe(3);
  });

  const wrong: [string, Partial<AdaptiveRanksOptions>, string][] = [
    ['a budget that needs no pruning', { parameters: 360 }, 'begins with 360 parameters'],
    ['a budget below one component', { parameters: 27 }, 'can be pruned to 28'],
    ['a budget that is no whole number', { parameters: 90.5 }, 'a budget of 90.5'],
    ['pruning before every B has moved', { initialSteps: 4 }, '5 or more'],
    ['a run with no time to prune', { initialSteps: 30, finalSteps: 10 }, 'must be left to prune in'],
    ['every 0 updates', { every: 0 }, '1 or more'],
  ];
  for (const [name, changed, message] of wrong) {
    it(`refuses ${name}`, async () => {
      using model = build();
      const error = await errorOf(() => model.train(changed));
      expect(error.code).toBe('config-invalid');
      expect(error.message).toContain(message);
    });
  }

  it('refuses DoRA, whose magnitudes no rank of 0 stands for', async () => {
    using model = build({ useDora: true });
    const error = await errorOf(() => model.train({}));
    expect(error.code).toBe('config-unsupported');
    expect(error.message).toContain('"first"');
  });

  it('refuses a checkpoint of a run with another budget', async () => {
    using model = build();
    const { last } = await model.train({ stopAt: 3 });
    const error = await errorOf(() => model.train({ resume: last, parameters: budget - 1 }));
    expect(error.code).toBe('checkpoint-mismatch');
    expect(error.message).toContain('allocator');
  });
});

interface Run extends Partial<AdaptiveRanksOptions> {
  stopAt?: number;
  resume?: Checkpoint;
  scaleOfSecond?: number;
}

function build(changed: Partial<LoraConfigInput> = {}) {
  const frozen = (from: number, to: number, seed: number) =>
    new FrozenLinear(tensor2d(randomFloats(from * to, { distribution: 'normal', seed }), [from, to]));
  const [first, second] = [frozen(inputs, hidden, 1), frozen(hidden, outputs, 2)];
  const host = hostOf({ first, second });
  const manager = new LoraManager(host);
  const plan = planAdapter({ ...config, ...changed }, host.modules());
  manager.add('new', plan, { seed: 1 });
  const forward = (x: Float32Array) => {
    const middle = host.get('first').forward(tensor2d(x, [rows, inputs])) as Tensor2D;
    return host.get('second').forward(middle) as Tensor2D;
  };
  return {
    host,
    manager,
    plan,
    outputs: () => tidy(() => Float32Array.from(forward(drawn(99)).dataSync())),
    async train({ stopAt, resume, scaleOfSecond = 1, ...own }: Run): Promise<{ last: Checkpoint }> {
      const stop = new AbortController();
      let last: Checkpoint | undefined;
      const events = train({
        ...options,
        parameters: manager.parameters('new'),
        allocator: adaptiveRanks({ parameters: budget, ...own }),
        batches,
        // Two directions of the outputs are learned: few components are worth having.
        loss: (x) => tidy(() => mul(mean(square(sub(forward(x), goal(x)))), scaleOfSecond)),
        checkpoint: { every: options.steps, write: async (checkpoint) => void (last = checkpoint) },
        signal: stop.signal,
        ...(resume && { resume }),
      });
      for await (const event of events) if (event.type === 'step-end' && event.step === stopAt) stop.abort();
      return { last: last! };
    },
    [Symbol.dispose]() {
      manager.dispose();
      first.dispose();
      second.dispose();
    },
  };
}

const drawn = (seed: number) => randomFloats(rows * inputs, { distribution: 'normal', seed });
const batches: BatchSource<Float32Array> = { batchesPerEpoch: 4, weight: () => rows, at: (index) => drawn(index % 4) };

function goal(x: Float32Array): Tensor2D {
  const to = (row: number, column: number) => (column % 3 === 0 ? x[row * inputs]! : x[row * inputs + 1]!);
  return tensor2d(
    Float32Array.from({ length: rows * outputs }, (_, at) => to(Math.floor(at / outputs), at % outputs)),
    [rows, outputs],
  );
}

function nonzeroRows({ shape, data }: PlainTensor): number {
  const out = shape[1] as number;
  const indices = Array.from({ length: shape[0] as number }, (_, row) => row);
  return indices.filter((row) => data.subarray(row * out, (row + 1) * out).some((value) => value !== 0)).length;
}
