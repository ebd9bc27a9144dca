import { deriveSeed, randomFloats } from '@lowrank/core';

/** Indices of examples, a whole batch each, in another order in each pass. */
export function shuffledBatches(count, batch, seed = 0) {
  const batchesPerEpoch = Math.floor(count / batch);
  const order = (epoch) => {
    const keys = randomFloats(count, { distribution: 'uniform', seed: deriveSeed(seed, `epoch/${epoch}`) });
    return Array.from(keys.keys()).sort((left, right) => keys[left] - keys[right]);
  };
  let latest = { epoch: -1, indices: [] };
  return {
    batchesPerEpoch,
    weight: () => batch,
    at(index) {
      const epoch = Math.floor(index / batchesPerEpoch);
      if (latest.epoch !== epoch) latest = { epoch, indices: order(epoch) };
      const from = (index % batchesPerEpoch) * batch;
      return latest.indices.slice(from, from + batch);
    },
  };
}
