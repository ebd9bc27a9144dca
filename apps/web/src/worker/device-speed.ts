import type { TokenBatch } from '@lowrank/core';
import { fitSpeed, stepWork, type Speed, type SpeedSample } from '@lowrank/efficiency';
import { causalLoss } from '@lowrank/models';
import { train } from '@lowrank/trainer';
import { shape } from './data.js';
import type { Lab } from './lab.js';

const name = 'measured';

/** From cheap to dear, the last as runs have it. */
const batches = [{ batch: 1, seq: 16 }, { batch: 2, seq: 32 }, { batch: 2, seq: 64 }, shape];

/** Seconds after which no dearer batch is begun. */
const patience = 3;

/** Steps of each batch, of which the fastest counts: the first ones make tensors' memory and compile kernels. */
const steps = 4;

/** How fast this device trains this model, by a few real steps on batches that teach nothing. */
export async function deviceSpeed(lab: Lab): Promise<Speed> {
  const plan = lab.plan({ rank: 8, targets: lab.targets.slice(0, 2) });
  const { model, manager, outline, kernels } = lab;
  manager.add(name, plan);
  const samples: SpeedSample[] = [];
  try {
    const end = performance.now() + 1000 * patience;
    for (const each of batches) {
      if (samples.length > 0 && performance.now() > end) break;
      samples.push({ work: stepWork(outline, plan, { ...each, kernels }), seconds: await secondsOf(lab, each) });
    }
  } finally {
    manager.delete(name);
  }
  return fitSpeed(samples);

  async function secondsOf(of: Lab, { batch, seq }: { batch: number; seq: number }): Promise<number> {
    const ids = Int32Array.from({ length: batch * seq }, (_, index) => (7 * index) % model.config.vocabSize);
    const given: TokenBatch = { ids, targets: ids, batch, seq };
    const times: number[] = [];
    const events = train<TokenBatch>({
      parameters: of.manager.parameters(name),
      loss: (tokens, context) => causalLoss(model, tokens, context),
      batches: { at: () => given, weight: () => ids.length, batchesPerEpoch: 1 },
      ...{ steps, warmupSteps: 0 },
    });
    for await (const event of events) if (event.type === 'step-end') times.push(event.milliseconds / 1000);
    return Math.min(...times);
  }
}
