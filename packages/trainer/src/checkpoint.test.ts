import { randomFloats, type Checkpoint, type InitialFactors } from '@lowrank/core';
import { describe, expect, it } from '@lowrank/testing';
import { train, type TrainOptions } from '@lowrank/trainer';
import { collect, only, valuesOf } from '../test/collect.js';
import { points, twoLayers, type Points, type TwoLayers } from '../test/two-layers.js';

const batches = points(3, (index) => index % 3);
const options = { batches, steps: 7, accumulate: 2, learningRate: 0.05, seed: 3 };

describe('resume', () => {
  it.onEachBackend('ends with the bits of an uninterrupted run, dropout and accumulation included', async () => {
    for (const interruptedAt of [0, 3, 6]) {
      const whole = await run({});
      const half = await run({ stopAt: interruptedAt });
      expect(half.last.step).toBe(interruptedAt);
      const rest = await run({ resume: JSON.parse(JSON.stringify(half.last, packed), unpacked) });
      expect(rest.values).toEqual(whole.values);
      expect(rest.losses).toEqual(whole.losses.slice(interruptedAt));
      expect(rest.last).toEqual(whole.last);
    }
  });

  it('holds factors under their names and moments under optimizer/<slot>/<name>', async () => {
    const { last } = await run({});
    expect([...last.tensors.keys()].filter((name) => name.includes('first'))).toEqual([
      'first.lora_A.weight',
      'first.lora_B.weight',
      'optimizer/m/first.lora_A.weight',
      'optimizer/m/first.lora_B.weight',
      'optimizer/v/first.lora_A.weight',
      'optimizer/v/first.lora_B.weight',
    ]);
    expect(last.tensors.get('optimizer/v/first.lora_A.weight')!.shape).toEqual([6, 2]);
  });

  it.onEachBackend('goes on with where factors started, whatever the start was made of here', async () => {
    const start = shiftedStart(1);
    const whole = await run({ start });
    const half = await run({ start, stopAt: 3 });
    expect([...half.last.tensors.keys()].filter((name) => name.startsWith('initial/'))).toEqual([
      'initial/first.lora_A.weight',
      'initial/first.lora_B.weight',
    ]);
    expect(half.last.tensors.get('initial/first.lora_B.weight')!.data).toEqual(start.b);
    for (const here of [start, shiftedStart(2)]) {
      const rest = await run({ start: here, resume: half.last });
      expect(rest.losses).toEqual(whole.losses.slice(3));
      expect(rest.last).toEqual(whole.last);
    }
    await refused(half.last, '"initial/first.lora_A.weight": nothing here, [6, 2]', () => ({}));
  });

  it.onEachBackend("goes on to the same bits with LoRA+, and with LoRA-FA, whose A's are in it", async () => {
    for (const change of [{ loraPlusRatio: 4 }, { loraFa: true }]) {
      const whole = await run({ change });
      const half = await run({ change, stopAt: 3 });
      expect(half.last.tensors.has('first.lora_A.weight')).toBe(true);
      expect(half.last.tensors.has('optimizer/m/first.lora_A.weight')).toBe(!change.loraFa);
      const rest = await run({ change, resume: half.last });
      expect(rest.last).toEqual(whole.last);
    }
  });

  it('does no step when the checkpoint is the last, but evaluates', async () => {
    const { last } = await run({});
    using model = twoLayers({ dropout: 0.2 });
    const evaluate = { every: 1, loss: async () => 1 };
    const events = await collect(train({ ...model.task, ...options, resume: last, evaluate }));
    expect(events.map(({ type }) => type)).toEqual(['train-start', 'eval-end', 'train-end']);
  });

  const others: [string, Partial<TrainOptions<Points>>][] = [
    ['steps: 8 here, 7', { steps: 8 }],
    ['accumulate: 1 here, 2', { accumulate: 1 }],
    ['learningRate: 0.04 here, 0.05', { learningRate: 0.04 }],
    ['seed: 4 here, 3', { seed: 4 }],
    ['batchesPerEpoch: 5 here, 4', { batches: { ...batches, batchesPerEpoch: 5 } }],
    ['data: "a" here, null', { batches: { ...batches, fingerprint: 'a' } }],
  ];
  for (const [message, changed] of others) {
    it(`refuses another run: ${message} in the checkpoint`, async () => {
      const { last } = await run({ stopAt: 1 });
      await refused(last, `${message} in the checkpoint`, (model) => ({ ...model.task, ...changed }));
    });
  }

  it('refuses other parameters, and what no run wrote', async () => {
    const { last } = await run({ stopAt: 1 });
    const renamed = (model: TwoLayers) =>
      model.task.parameters.map((parameter) => ({ ...parameter, name: `x.${parameter.name}` }));
    await refused(last, '"x.first.lora_A.weight": [6, 2] here, nothing in the checkpoint', (model) => ({
      parameters: renamed(model),
    }));
    const fewer = (model: TwoLayers) => ({ parameters: model.task.parameters.slice(0, 2) });
    await refused(last, '"second.lora_A.weight": nothing here, [5, 2] in the checkpoint', fewer);
    await refused({ ...last, state: {} }, 'without "run" in its state', () => ({}));
    await refused({ ...last, step: 8 }, 'the run has 7 steps', () => ({}));
    last.tensors.set('optimizer/m/first.lora_A.weight', { shape: [2, 6], data: new Float32Array(12) });
    await refused(last, '"optimizer/m/first.lora_A.weight": [6, 2] here, [2, 6]', () => ({}));
  });
});

interface RunOptions {
  stopAt?: number;
  resume?: Checkpoint;
  start?: InitialFactors;
  change?: Partial<TrainOptions<Points>>;
}

function shiftedStart(seed: number): InitialFactors {
  const values = (count: number) => randomFloats(count, { distribution: 'normal', seed: (seed += 10) });
  return { a: values(12), b: values(10), shifts: true };
}

/** A run of its own model from the same start, to its end or to where it is told to stop. */
async function run({ stopAt, resume, start, change }: RunOptions) {
  using model = twoLayers({ dropout: 0.2, ...(start && { start }) });
  const controller = new AbortController();
  if (stopAt === 0) controller.abort();
  let last: Checkpoint | undefined;
  const checkpoint = { every: 100, write: async (given: Checkpoint) => void (last = given) };
  const losses: number[] = [];
  for await (const event of train({
    ...model.task,
    ...options,
    ...change,
    checkpoint,
    resume,
    signal: controller.signal,
  })) {
    if (event.type === 'step-end') losses.push(...only([event], 'step-end').map(({ loss }) => loss));
    if (event.type === 'step-end' && event.step === stopAt) controller.abort();
  }
  return { values: valuesOf(model.task.parameters), losses, last: last! };
}

async function refused(
  resume: Checkpoint,
  message: string,
  change: (model: TwoLayers) => Partial<TrainOptions<Points>>,
) {
  using model = twoLayers({ dropout: 0.2 });
  const start = valuesOf(model.task.parameters);
  const resumed = collect(train({ ...model.task, ...options, ...change(model), resume }));
  await expect(resumed).rejects.toMatchObject({
    code: 'checkpoint-mismatch',
    message: expect.stringContaining(message),
  });
  expect(valuesOf(model.task.parameters)).toEqual(start);
}

/** As a file keeps it: floats as they are, state as JSON. */
function packed(_key: string, value: unknown): unknown {
  if (value instanceof Map) return { pairs: [...value] };
  return value instanceof Float32Array ? { floats: [...value] } : value;
}

function unpacked(_key: string, value: { pairs?: [string, unknown][]; floats?: number[] } | null): unknown {
  if (value?.pairs) return new Map(value.pairs);
  return value?.floats ? Float32Array.from(value.floats) : value;
}
