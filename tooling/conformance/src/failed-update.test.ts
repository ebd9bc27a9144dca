// A fault while the optimiser makes new weights, on every backend: the old ones stay, whenever the fault is told.
import { FrozenLinear, LoraLinear, randomFloats, useBackend, type Backend, type Kernels } from '@lowrank/core';
import { train } from '@lowrank/trainer';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import {
  engine,
  getBackend,
  getKernel,
  mean,
  memory,
  registerKernel,
  relu,
  square,
  tensor2d,
  tidy,
  unregisterKernel,
  type Scalar,
} from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { backends, orSkip } from './backends.js';

const [rows, features, out] = [6, 5, 7];

/** One way for an update to fail: its kernels in the place of the backend's own, and what to put back afterwards. */
interface Fault {
  kernels: Kernels;
  undo?: () => void;
}

describe.each(Object.entries(backends))('on %s, an update', (name, backend) => {
  const leavesWeights = (title: string, fault: () => Fault, message: string | RegExp) =>
    test(`${title} leaves weights as they were, and the next run trains them`, async (context) => {
      await orSkip(name, context, () => useBackend(backend));
      const { before, after, error, left } = await failing(backend, fault);
      expect(error).toMatchObject({ message: expect.stringMatching(message) });
      expect(after).toEqual(before);
      expect(left).toBe(0);
    });

  leavesWeights(
    "whose backend's own kernel throws",
    () => ({ kernels: { adamw: () => fail('no room') } }),
    /^no room$/,
  );
  leavesWeights('whose third op of four parameters throws', rootThatFails, /^no room for a root$/);
  if (name === 'webgpu')
    leavesWeights('that the device refuses only later', refusedLater, /work for the graphics card/);
});

test('on webgpu, what the device refuses in a first forward pass, told later, leaves weights as they were', async (context) => {
  await orSkip('webgpu', context, () => useBackend(backends.webgpu));
  const started = memory().numTensors;
  const model = twoLayers();
  const before = (await model.values()).map((values) => values.slice());
  const refused = async () => {
    for await (const _ of train({ ...model.task, steps: 1, loss: (x) => afterRefusal(() => model.task.loss(x)) }));
  };
  await expect(refused()).rejects.toThrow(/work for the graphics card/);
  expect(await model.values()).toEqual(before);
  for await (const _ of train({ ...model.task, steps: 2 }));
  (await model.values()).forEach((values, index) => expect(values).not.toEqual(before[index]));
  model.dispose();
  expect(memory().numTensors).toBe(started);
});

/** What two updates, then a third that fails, and then two of another run make of a small model's weights. */
async function failing(backend: Backend, fault: () => Fault) {
  const before = memory().numTensors;
  const model = twoLayers();
  const outcome = { before: [] as ArrayLike<number>[], after: [] as ArrayLike<number>[], error: undefined as unknown };
  const events = train({ ...model.task, steps: 4 });
  for (const type of ['train-start', 'step-end', 'step-end']) {
    expect((await events.next()).value).toMatchObject({ type });
  }
  outcome.before = await model.values();
  const { kernels, undo } = fault();
  await useBackend({ ...backend, kernels: { ...backend.kernels, ...kernels } });
  try {
    await events.next();
  } catch (error) {
    outcome.error = error;
  } finally {
    undo?.();
    await useBackend(backend);
  }
  outcome.after = await model.values();
  for await (const _ of train({ ...model.task, steps: 2 }));
  (await model.values()).forEach((values, index) => expect(values).not.toEqual(outcome.after[index]));
  model.dispose();
  return { ...outcome, left: memory().numTensors - before };
}

/** The kernel declines, so AdamW is composed of tfjs's ops, of which the third root throws: half of the new values are made by then. */
function rootThatFails(): Fault {
  const backendName = getBackend();
  const original = getKernel('Sqrt', backendName);
  let calls = 0;
  const replace = (kernelFunc: typeof original.kernelFunc) => {
    unregisterKernel('Sqrt', backendName);
    registerKernel({ ...original, kernelFunc });
  };
  replace((call) => (++calls === 3 ? fail('no room for a root') : original.kernelFunc(call)));
  return { kernels: { adamw: () => undefined }, undo: () => replace(original.kernelFunc) };
}

/** What `work` makes, of which the device refuses something only when it is done. */
function afterRefusal<Result>(work: () => Result): Result {
  const { device } = engine().registry['webgpu'] as WebGPUBackend;
  const result = work();
  device.createBuffer({ size: 2 ** 45, usage: GPUBufferUsage.STORAGE });
  return result;
}

/** The kernel answers as always, and of what it asked for the device refuses something: no call throws. */
function refusedLater(): Fault {
  const { adamw: own } = backends.webgpu.kernels as Kernels;
  return { kernels: { adamw: (args) => afterRefusal(() => own?.(args)) } };
}

function fail(message: string): never {
  throw new Error(message);
}

/** Two adapted linears, one after the other, that learn to give zeros. */
function twoLayers() {
  // Computed on the backend, as merged weights are.
  const base = (from: number, to: number, seed: number) => {
    const weight = () => relu(tensor2d(randomFloats(from * to, { distribution: 'normal', seed }), [from, to]));
    return new FrozenLinear(tidy(weight));
  };
  const bases = [base(features, out, 1), base(out, features, 2)] as const;
  const layers = bases.map((frozen, seed) => LoraLinear.fromBase(frozen, { rank: 2, alpha: 4, seed }));
  const parameters = layers.flatMap((layer, index) => layer.parameters(`layer${index}`));
  const batches = {
    batchesPerEpoch: 4,
    weight: () => rows,
    at: (index: number) => randomFloats(rows * features, { distribution: 'normal', seed: index + 3 }),
  };
  const loss = (x: Float32Array) =>
    tidy((): Scalar => {
      const hidden = layers[0]!.forward(tensor2d(x, [rows, features]));
      return mean(square(layers[1]!.forward(hidden)));
    });
  return {
    task: { parameters, batches, loss, learningRate: 0.05 },
    values: () => Promise.all(parameters.map(({ variable }) => variable.data())),
    dispose: () => [...bases, ...layers].forEach((each) => each.dispose()),
  };
}
