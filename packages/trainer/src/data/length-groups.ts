import { deriveSeed, LowrankError } from '@lowrank/core';
import { inOrder, shuffled } from './shuffled.js';

export interface LengthGroupsOptions {
  /** Examples a batch; one batch of an epoch has what is left. */
  batch: number;
  /** Decides the order. Default 0. */
  seed?: number | undefined;
  /** New batches each epoch; false takes examples from short to long, as evaluation wants it. Default true. */
  shuffle?: boolean | undefined;
}

/** Batches within which lengths are compared: enough to be alike, few enough to differ from epoch to epoch. */
const batchesAPool = 50;

/**
 * Examples by batches of like lengths, each example once an epoch: they are shuffled, dealt into pools of 50 batches,
 * sorted by length in each, cut into batches, and these are shuffled.
 *
 * @param lengths one for each example
 * @returns the examples of each batch of an epoch, the same at every call
 * @throws `config-invalid` for `batch`
 */
export function lengthGroups(
  lengths: readonly number[],
  { batch, seed = 0, shuffle = true }: LengthGroupsOptions,
): (epoch: number) => number[][] {
  if (!Number.isSafeInteger(batch) || batch < 1) {
    throw new LowrankError('config-invalid', {
      given: `batch: ${batch}`,
      rule: 'examples a batch are a whole number of 1 or more',
      fix: 'give a value that fits',
    });
  }
  const sorted = (examples: number[]) =>
    examples.toSorted((left, right) => (lengths[left] as number) - (lengths[right] as number));
  const all = inOrder(lengths.length);
  if (!shuffle) {
    const batches = cut(sorted(all), batch);
    return () => batches;
  }
  const last = { epoch: -1, batches: [] as number[][] };
  return (epoch) => {
    if (last.epoch !== epoch) {
      const order = shuffled(all, deriveSeed(seed, `epoch/${epoch}`));
      const batches = cut(order, batch * batchesAPool).flatMap((pool) => cut(sorted(pool), batch));
      Object.assign(last, { epoch, batches: shuffled(batches, deriveSeed(seed, `batches/${epoch}`)) });
    }
    return last.batches;
  };
}

function cut<Value>(values: Value[], size: number): Value[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, index) =>
    values.slice(index * size, (index + 1) * size),
  );
}
