import type { TokenBatch } from '@lowrank/core';
import type { TrainOptions } from './options.js';
import { train } from './train.js';

/** What `stepSeconds` trains, on batches of which shape, and how long it may take. */
export interface StepSecondsOptions extends Pick<TrainOptions<TokenBatch>, 'parameters' | 'loss'> {
  shape: { batch: number; seq: number };
  /** Ids of the batch are below it, and its targets below 512 too. */
  vocabSize: number;
  /** Steps at the most, and seconds after which there are no more than six. */
  most: number;
  seconds: number;
}

const least = 6;

/**
 * Seconds that a step takes once it has settled: the median of the last two thirds of some steps on a batch that teaches
 * nothing, but changes the parameters. The first ones make tensors' memory, compile kernels and warm JavaScript up.
 */
export async function stepSeconds({
  parameters,
  loss,
  shape: { batch, seq },
  vocabSize,
  most,
  seconds,
}: StepSecondsOptions): Promise<number> {
  const ids = Int32Array.from({ length: batch * seq }, (_, index) => (7 * index) % vocabSize);
  const given = { ids, targets: ids.map((id) => id % 512), batch, seq };
  const batches = { at: () => given, weight: () => ids.length, batchesPerEpoch: 1 };
  const times: number[] = [];
  const end = performance.now() + 1000 * seconds;
  for await (const event of train({ parameters, loss, batches, steps: most, warmupSteps: 0 })) {
    if (event.type === 'step-end') times.push(event.milliseconds / 1000);
    if (times.length >= least && performance.now() > end) break;
  }
  const settled = times.slice(Math.floor(times.length / 3)).sort((a, b) => a - b);
  return settled[settled.length >> 1]!;
}
