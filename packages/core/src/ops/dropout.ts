import { mul, tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { LowrankError } from '../errors/lowrank-error.js';
import { customOp } from './custom-op.js';
import { requireDtype } from './require-dtype.js';

/**
 * Inverted dropout: each value is zeroed with probability `rate`, the others divided by `1 - rate`.
 * The mask depends on `seed` alone, so a resumed run drops what the first one dropped.
 *
 * @param x any shape
 * @returns the same shape, owned by the caller.
 * @throws `config-invalid`, `dtype-unsupported`
 * @see Srivastava et al. 2014, https://jmlr.org/papers/v15/srivastava14a.html
 */
export function dropout(x: Tensor, rate: number, seed: number): Tensor {
  requireDtype('dropout', 'x', x, 'float32');
  if (!(rate >= 0 && rate < 1)) {
    throw new LowrankError('config-invalid', {
      given: `dropout: a rate of ${rate}`,
      rule: 'it is at least 0 and below 1',
      fix: 'give the share of values to drop, such as 0.1',
    });
  }
  return tidy(() => {
    const mask = tensor(keepMask(x.size, rate, seed), x.shape);
    return customOp([x], ([input], save) => {
      save([mask]);
      return { value: mul(input, mask), gradient: (dy, saved) => [mul(dy, saved[0] as Tensor)] };
    });
  });
}

function keepMask(count: number, rate: number, seed: number): Float32Array {
  const generator = xoroshiro128plus(seed);
  const dropBelow = rate * 2 ** 32 - 2 ** 31;
  const kept = 1 / (1 - rate);
  const mask = new Float32Array(count);
  for (let index = 0; index < count; index++) mask[index] = generator.next() < dropBelow ? 0 : kept;
  return mask;
}
