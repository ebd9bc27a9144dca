/** Starts that are drawn at random, and leave the base as it is. */
export type DrawnInit = 'kaiming' | 'gaussian' | 'orthogonal' | 'random';

/** Starts that are computed from the base's weight, and change what the layer adds to it. */
export type ComputedInit = 'pissa' | `pissa_niter_${number}` | 'olora';

/** How the factors of an adapter start. */
export type LoraInit = DrawnInit | ComputedInit;

/** Whether a start is computed, by `initialFactors`, before a layer can be made with it. */
export function isComputed(init: LoraInit): init is ComputedInit {
  return init === 'olora' || init.startsWith('pissa');
}

/** The N of `pissa_niter_N`; undefined for any other start. */
export function iterationsOf(init: LoraInit): number | undefined {
  const [, count] = /^pissa_niter_(\d+)$/.exec(init) ?? [];
  return count === undefined ? undefined : Number(count);
}
