import { describe, expect, it } from '@lowrank/testing';
import { evaluateLoss, train, type TrainEvent } from '@lowrank/trainer';
import { memory } from '@tensorflow/tfjs-core';
import { collect, only, valuesOf } from '../test/collect.js';
import { points, twoLayers } from '../test/two-layers.js';

describe('train', () => {
  it.onEachBackend('brings the loss down over 200 steps and leaves no tensor behind', async () => {
    using model = twoLayers({ dropout: 0.1 });
    const before = memory().numTensors;
    const seen = new Set<number>();
    const events: TrainEvent[] = [];
    for await (const event of train({ ...model.task, batches: points(16), steps: 200, learningRate: 0.03 })) {
      events.push(event);
      if (event.type === 'step-end' && event.step > 5) seen.add(memory().numTensors);
    }
    const losses = only(events, 'step-end').map(({ loss }) => loss);
    expect(losses.at(-1)!).toBeLessThan(losses[0]! / 2);
    expect(memory().numTensors).toBe(before);
    expect([...seen], 'the same count after every step').toHaveLength(1);
  });

  it('tells what it does, in order, and what each step was', async () => {
    using model = twoLayers();
    const losses = [5, 4, 3];
    const events = await collect(
      train({
        ...model.task,
        batches: points(3, () => 1),
        steps: 3,
        accumulate: 2,
        learningRate: 0.1,
        evaluate: { every: 2, loss: async () => losses.shift()! },
        checkpoint: { every: 3, write: async () => {} },
      }),
    );
    expect(events.map(({ type, step }) => `${type} ${step}`)).toEqual([
      'train-start 0',
      'eval-end 0',
      'step-end 1',
      'step-end 2',
      'eval-end 2',
      'step-end 3',
      'checkpoint-write 3',
      'eval-end 3',
      'train-end 3',
    ]);
    expect(events[0]).toEqual({ type: 'train-start', step: 0, steps: 3, trainableParameters: 2 * (6 + 5 + 5 + 4) });
    expect(only(events, 'step-end')[2]).toMatchObject({ steps: 3, epoch: 1.5, targets: 4 });
    expect(only(events, 'step-end')[0]!.learningRate).toBe(0.1);
    expect(only(events, 'eval-end').map(({ loss }) => loss)).toEqual([5, 4, 3]);
    expect(events.at(-1)).toMatchObject({ reason: 'done' });
  });

  it("tells a classifier's scores with its loss, and not each text's class", async () => {
    using model = twoLayers();
    const scores = { loss: 0.5, accuracy: 0.75, macroF1: 0.7 };
    const evaluate = { every: 9, loss: async () => ({ ...scores, predicted: [1, 0] }) };
    const events = await collect(train({ ...model.task, batches: points(3), steps: 1, evaluate }));
    expect(only(events, 'eval-end')).toEqual([
      { type: 'eval-end', step: 0, ...scores, milliseconds: expect.any(Number) },
      { type: 'eval-end', step: 1, ...scores, milliseconds: expect.any(Number) },
    ]);
  });

  it.onEachBackend('frees its state when the consumer leaves, and keeps the parameters', async () => {
    using model = twoLayers();
    const before = memory().numTensors;
    for await (const event of train({ ...model.task, batches: points(3), steps: 9 })) if (event.step === 2) break;
    expect(memory().numTensors).toBe(before);
    expect(valuesOf(model.task.parameters)['second.lora_B.weight']!.some((value) => value !== 0)).toBe(true);
  });

  it('finishes the step under way when aborted, writes a checkpoint and says so', async () => {
    using model = twoLayers();
    const controller = new AbortController();
    const written: number[] = [];
    const events: TrainEvent[] = [];
    const checkpoint = { every: 100, write: async ({ step }: { step: number }) => void written.push(step) };
    setImmediate(() => controller.abort());
    const options = {
      ...model.task,
      batches: points(3),
      steps: 50,
      accumulate: 2,
      checkpoint,
      signal: controller.signal,
    };
    for await (const event of train(options)) events.push(event);
    expect(events.map(({ type }) => type)).toEqual(['train-start', 'step-end', 'checkpoint-write', 'train-end']);
    expect(events.at(-1)).toEqual({ type: 'train-end', step: 1, reason: 'aborted' });
    expect(written).toEqual([1]);
  });

  it('ends as aborted when an evaluation stops at the same signal', async () => {
    using model = twoLayers();
    const controller = new AbortController();
    const { signal } = controller;
    const batches = points(3);
    const evaluate = { every: 2, loss: () => evaluateLoss({ ...model.task, batches, signal }) };
    const events: TrainEvent[] = [];
    for await (const event of train({ ...model.task, batches, steps: 9, evaluate, signal })) {
      events.push(event);
      if (event.type === 'step-end' && event.step === 2) setImmediate(() => controller.abort());
    }
    expect(events.slice(-2)).toMatchObject([
      { type: 'step-end', step: 2 },
      { type: 'train-end', reason: 'aborted' },
    ]);
  });

  it('passes on what an evaluation or a write throws', async () => {
    using model = twoLayers();
    const fails = () => Promise.reject(new Error('disk full'));
    const options = { ...model.task, batches: points(3), steps: 2 };
    await expect(collect(train({ ...options, checkpoint: { every: 1, write: fails } }))).rejects.toThrow('disk full');
    await expect(collect(train({ ...options, evaluate: { every: 1, loss: fails } }))).rejects.toThrow('disk full');
  });
});
