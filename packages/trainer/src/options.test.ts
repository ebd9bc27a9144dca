import { describe, expect, it } from '@lowrank/testing';
import { train, type TrainOptions } from '@lowrank/trainer';
import { points, twoLayers, type Points } from '../test/two-layers.js';

describe('training options', () => {
  const wrong: Record<string, Record<string, unknown>> = {
    'steps: 0: the number of updates': { steps: 0 },
    'steps: undefined': { steps: undefined },
    'accumulate: 1.5': { accumulate: 1.5 },
    'learningRate: NaN: the peak is a finite number above 0': { learningRate: NaN },
    'learningRate: 0': { learningRate: 0 },
    'learningRate: 1e+39': { learningRate: 1e39 },
    'learningRate: fast': { learningRate: 'fast' },
    'warmupSteps: 11: the warm-up': { warmupSteps: 11 },
    'finalLearningRate: 1.1': { finalLearningRate: 1.1 },
    'weightDecay: -0.01': { weightDecay: -0.01 },
    'beta1: 1': { beta1: 1 },
    'beta2: -1': { beta2: -1 },
    'epsilon: 1e-60: it is above 0 in float32': { epsilon: 1e-60 },
    'clipNorm: Infinity': { clipNorm: Infinity },
    'loraPlusRatio: 0.5': { loraPlusRatio: 0.5 },
    'embeddingLearningRate: 0': { embeddingLearningRate: 0 },
    'loraFa: yes: it is true or false': { loraFa: 'yes' },
    'seed: 0.5': { seed: 0.5 },
    'evaluate.every: 0': { evaluate: { every: 0, loss: async () => 1 } },
    'checkpoint.every: -1': { checkpoint: { every: -1, write: async () => {} } },
    'batches.batchesPerEpoch: 0': { batches: { ...points(2), batchesPerEpoch: 0 } },
    'parameters: []': { parameters: [] },
    '"learning_rate" in the training options: it is not an option; nearest here: learningRate': { learning_rate: 1 },
  };
  for (const [message, change] of Object.entries(wrong)) {
    it(`refuse ${message}`, () => refused(change, message));
  }

  it('refuse a parameter given twice', async () => {
    using model = twoLayers();
    const parameters = [...model.task.parameters, ...model.first.parameters('first')];
    await refused({ parameters }, 'parameters: "first.lora_A.weight" twice');
  });
});

async function refused(change: Record<string, unknown>, message: string): Promise<void> {
  using model = twoLayers();
  const options = { ...model.task, batches: points(2), steps: 10, ...change } as TrainOptions<Points>;
  const first = train(options).next();
  await expect(first).rejects.toMatchObject({ code: 'config-invalid', message: expect.stringContaining(message) });
}
