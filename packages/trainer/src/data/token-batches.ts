import { deriveSeed, LowrankError, type TokenBatch } from '@lowrank/core';
import type { BatchSource } from './batch-source.js';
import { hash } from './hash.js';
import type { TokenWindows } from './pack.js';
import { inOrder, shuffled } from './shuffled.js';

export interface TokenBatchesOptions {
  /** Windows a batch; the last of an epoch has what is left. */
  batch: number;
  /** Decides the order. Default 0. */
  seed?: number | undefined;
  /** A new order each epoch; false keeps the text's own, as evaluation wants it. Default true. */
  shuffle?: boolean | undefined;
}

/** Batches of token windows, each window once an epoch. Throws `config-invalid`, or `data-invalid` without windows. */
export function tokenBatches(
  windows: TokenWindows,
  { batch, seed = 0, shuffle = true }: TokenBatchesOptions,
): BatchSource<TokenBatch> {
  checkInput(windows, batch);
  const { count, seq } = windows;
  const batchesPerEpoch = Math.ceil(count / batch);
  const all = inOrder(count);
  const orders = { epoch: -1, order: [] as number[] };
  const orderOf = (epoch: number) => {
    if (orders.epoch !== epoch) Object.assign(orders, { epoch, order: orderAt(epoch) });
    return orders.order;
  };
  const orderAt = (epoch: number) => (shuffle ? shuffled(all, deriveSeed(seed, `epoch/${epoch}`)) : all);
  return {
    batchesPerEpoch,
    fingerprint: [hash([windows.ids, windows.targets]), count, seq, batch, shuffle ? seed : 'in order'].join(' '),
    weight: ({ targets }) => targets.reduce((total, target) => total + (target === -100 ? 0 : 1), 0),
    at(index) {
      const from = (index % batchesPerEpoch) * batch;
      const picked = orderOf(Math.floor(index / batchesPerEpoch)).slice(from, from + batch);
      const rows = (values: Int32Array) => {
        const taken = new Int32Array(picked.length * seq);
        picked.forEach((window, row) => taken.set(values.subarray(window * seq, (window + 1) * seq), row * seq));
        return taken;
      };
      return { ids: rows(windows.ids), targets: rows(windows.targets), batch: picked.length, seq };
    },
  };
}

function checkInput({ count, seq, ids, targets }: TokenWindows, batch: number): void {
  if (!Number.isSafeInteger(batch) || batch < 1) {
    throw new LowrankError('config-invalid', {
      given: `batch: ${batch}`,
      rule: 'windows a batch are a whole number of 1 or more',
      fix: 'give a value that fits',
    });
  }
  if (count >= 1 && ids.length === count * seq && targets.length === count * seq) return;
  throw new LowrankError('data-invalid', {
    given: `${count} windows of ${seq} with ${ids.length} ids and ${targets.length} targets`,
    rule: 'there must be a window, and an id and a target for each of its places',
    fix: 'make them with packDocuments',
  });
}
