import type { ForwardContext, TokenBatch } from '@lowrank/core';
import { fitSpeed, stepWork, type Speed, type SpeedSample } from '@lowrank/efficiency';
import { causalLoss } from '@lowrank/models';
import { stepSeconds } from '@lowrank/trainer';
import { shape } from './data.js';
import type { Lab } from './lab.js';

const name = 'measured';

/** From cheap to dear, the last as runs have it. */
const batches = [{ batch: 1, seq: 16 }, { batch: 2, seq: 32 }, { batch: 2, seq: 64 }, shape];

/** Seconds after which no dearer batch is begun. */
const patience = 2;

/** Steps of each batch at the most, and seconds after which one has been measured enough. */
const limits = { most: 20, seconds: 0.4 };

/** How fast this device trains this model, by some real steps on batches that teach nothing. */
export async function deviceSpeed(lab: Lab): Promise<Speed> {
  const { model, manager, outline, kernels } = lab;
  const plan = lab.plan({ rank: 8, targets: lab.targets.slice(0, 2) });
  const given = {
    loss: (batch: TokenBatch, context: ForwardContext) => causalLoss(model, batch, context),
    vocabSize: model.config.vocabSize,
    ...limits,
  };
  const samples: SpeedSample[] = [];
  manager.add(name, plan);
  try {
    const end = performance.now() + 1000 * patience;
    for (const each of batches) {
      if (samples.length > 0 && performance.now() > end) break;
      const seconds = await stepSeconds({ ...given, parameters: manager.parameters(name), shape: each });
      samples.push({ work: stepWork(outline, plan, { ...each, kernels }), seconds });
    }
  } finally {
    manager.delete(name);
  }
  return fitSpeed(samples);
}
