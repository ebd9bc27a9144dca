import { LowrankError, type PlainTensor } from '@lowrank/core';

/** One adapter's own value of a tensor of the base. */
export interface Saved {
  tensor: PlainTensor;
  weight: number;
}

/**
 * The weighted sum of values that take the place of the base's. What an adapter adds is its value less the base's, so
 * that this is right where the weights of those that have one sum to 1: then the base's own value, which is not here,
 * counts for nothing.
 * Throws `config-unsupported` where they do not, `shape-mismatch` for values of several shapes.
 *
 * @param what messages call the tensor
 */
export function averaged(what: string, saved: Saved[]): PlainTensor {
  const total = saved.reduce((sum, { weight }) => sum + weight, 0);
  if (Math.abs(total - 1) > 1e-6) {
    throw new LowrankError('config-unsupported', {
      given: `${what}, under weights that sum to ${Number(total.toPrecision(6))}`,
      rule: "adapters bring it whole, so that weights other than 1 in sum would need the base's own",
      fix: 'give weights that sum to 1 over the adapters that have it, or say which one it comes from (savedFrom)',
    });
  }
  const [{ tensor: first }] = saved as [Saved, ...Saved[]];
  const other = saved.find(({ tensor }) => tensor.shape.join() !== first.shape.join());
  if (other) {
    throw new LowrankError('shape-mismatch', {
      given: `${what}: [${first.shape.join(', ')}] and [${other.tensor.shape.join(', ')}]`,
      rule: 'adapters that are combined are of one base and one task',
      fix: 'combine adapters of the same model, or say which one it comes from (savedFrom)',
    });
  }
  const sums = new Float64Array(first.data.length);
  for (const { tensor, weight } of saved) {
    for (let index = 0; index < sums.length; index++) {
      (sums[index] as number) += weight * (tensor.data[index] as number);
    }
  }
  return { shape: [...first.shape], data: Float32Array.from(sums) };
}
