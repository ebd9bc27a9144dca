import { LowrankError, topSingular } from '@lowrank/core';
import type { Spectrum } from './strategy.js';

/**
 * The spectra of what goes into modules, from second moments: with `M = Xᵀ X` or a multiple of it, the singular values
 * of X are the roots of M's eigenvalues. EVA's explained variance is `values² / energy`.
 *
 * @param moments `[in, in]` by the path of a module, row after row, symmetric
 * @param count how many of the largest values to find
 * @throws `shape-mismatch` for a moment that is no square, `not-finite`
 * @see Paischer et al. 2024, https://arxiv.org/abs/2410.07170, section 3.2
 */
export function activationSpectra(
  moments: ReadonlyMap<string, ArrayLike<number>>,
  { count = 64 }: { count?: number | undefined } = {},
): Map<string, Spectrum> {
  return new Map(Array.from(moments, ([path, moment]) => [path, spectrumOf(path, moment, count)]));
}

function spectrumOf(path: string, moment: ArrayLike<number>, count: number): Spectrum {
  const side = Math.sqrt(moment.length);
  if (!Number.isSafeInteger(side) || side === 0) {
    throw new LowrankError('shape-mismatch', {
      given: `a second moment of ${moment.length} values for "${path}"`,
      rule: 'it is [in, in]',
      fix: 'give the sum of the outer products of its inputs',
    });
  }
  if (Array.prototype.some.call(moment, (value: number) => !Number.isFinite(value))) {
    throw new LowrankError('not-finite', {
      given: `the second moment of "${path}"`,
      rule: 'its values are finite numbers',
      fix: 'look at what goes into that module',
    });
  }
  const found = topSingular({ values: moment, rows: side, columns: side }, count);
  const energy = Array.from({ length: side }, (_, at) => moment[at * (side + 1)]!).reduce(
    (sum, value) => sum + value,
    0,
  );
  return { values: found.map(({ value }) => Math.sqrt(value)), energy };
}
