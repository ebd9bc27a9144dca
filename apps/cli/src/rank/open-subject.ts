import { planFromFlags } from '../inputs/lora.js';
import { openModel } from '../inputs/model.js';
import { taskFor } from '../inputs/task.js';
import { prepare } from '../train/prepare.js';
import type { Prepared } from '../train/prepared.js';
import type { RankFlags } from '../run/rank.js';

/** What evidence is taken from; the caller disposes the model. */
export type Subject = Pick<Prepared, 'model' | 'plan' | 'batches' | 'loss' | 'evaluate'>;

/** A model with its plan, and with its data as `lowrank train` would read them; by default little is held out. */
export async function openSubject(
  flags: RankFlags & { model: string },
  { holdout = 0.01 }: { holdout?: number } = {},
): Promise<Subject> {
  const { data, backend, json = false } = flags;
  if (data === undefined) return withoutData(flags);
  const task = await taskFor({ ...flags, data });
  // Factors show evidence only from a plain start. Nothing is trained by these: what decides a run's length and steps has no effect.
  const run = { holdout, init: 'kaiming' as const, epochs: 1, accumulate: 1, learningRate: 1, weightDecay: 0, clip: 0 };
  return await prepare({ ...flags, ...run, data, task }, backend, { json });
}

async function withoutData(flags: RankFlags & { model: string }): Promise<Subject> {
  const { model } = await openModel(flags.model, flags);
  try {
    const plan = planFromFlags(flags, model.modules(), { model: flags.model, taskType: 'CAUSAL_LM' });
    const none = () => {
      throw new Error('a model opened without data has no batches');
    };
    return { model, plan, batches: { at: none, weight: none, batchesPerEpoch: 0 }, loss: none, evaluate: none };
  } catch (error) {
    model.dispose();
    throw error;
  }
}
