/** Starts that are drawn at random, and leave the base as it is. */
export type DrawnInit = 'kaiming' | 'gaussian' | 'orthogonal' | 'random';

/** Starts that are computed from the base's weight, and of which the layer adds only what has changed since. */
export type ShiftedInit = 'pissa' | `pissa_niter_${number}` | 'olora';

/** Starts that are computed: those, from what packing took from a weight, or from what a module is given. */
export type ComputedInit = ShiftedInit | 'loftq' | 'eva';

/** How the factors of an adapter start. */
export type LoraInit = DrawnInit | ComputedInit;

/** Whether a start is computed, by `initialFactors`, before a layer can be made with it. */
export function isComputed(init: LoraInit): init is ComputedInit {
  return isShifted(init) || init === 'loftq' || init === 'eva';
}

/** Whether a layer that starts so adds only what has changed since. */
export function isShifted(init: LoraInit): init is ShiftedInit {
  return init === 'olora' || init.startsWith('pissa');
}

/** The N of `pissa_niter_N`; undefined for any other start. */
export function iterationsOf(init: LoraInit): number | undefined {
  const [, count] = /^pissa_niter_(\d+)$/.exec(init) ?? [];
  return count === undefined ? undefined : Number(count);
}
