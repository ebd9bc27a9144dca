import { combine } from '@lowrank/combine';
import { describe, expect, expectClose, it } from '@lowrank/testing';
import { randomAdapter } from '../test/random-adapter.js';
import { relativeError, summed, updatesOf } from '../test/updates.js';
import { matrixOf, squares } from './matrix/matrix.js';
import { smallSvd } from './matrix/small-svd.js';

const sides = { in: 26, out: 19, rank: 4 };
const adapters = [randomAdapter({ q: sides }, 1), randomAdapter({ q: { ...sides, rank: 6 } }, 2, { alpha: 5 })];
const weights = [1.2, -0.4];
const weighted = adapters.map((adapter, at) => ({ adapter, weight: weights[at]! }));
const sum = summed(adapters, weights).get('q')!;
const spectrum = smallSvd(matrixOf(sum, sides.in, sides.out)).values;

describe('svd', () => {
  it('loses just what the singular values beyond its rank hold', () => {
    for (const rank of [1, 3, 6, 9]) {
      const update = updatesOf(combine(weighted, { kind: 'svd', rank })).get('q')!;
      const least = Math.sqrt(squares(spectrum.subarray(rank)) / squares(spectrum));
      expect(relativeError(update, sum)).toBeGreaterThan(least * (1 - 1e-6));
      expect(relativeError(update, sum)).toBeLessThan(least * (1 + 1e-6));
    }
  });

  it('is the sum itself once the ranks fit, and takes no more rank than there is', () => {
    const combined = combine(weighted, { kind: 'svd', rank: 400 });
    expect(combined.config).toMatchObject({ rank: 10, alpha: 10 });
    expectClose(updatesOf(combined).get('q')!, sum, { atol: 1e-5, because: 'factors are float32' });
  });

  it('takes the largest rank of the adapters by default', () => {
    expect(combine(weighted, { kind: 'svd' }).config.rank).toBe(6);
  });

  it('is the same on whole updates and on factors where nothing is pruned', () => {
    const byFactors = updatesOf(combine(weighted, { kind: 'svd', rank: 3 })).get('q')!;
    const whole = updatesOf(combine(weighted, { kind: 'magnitude_prune_svd', density: 1, rank: 3 })).get('q')!;
    expectClose(whole, byFactors, { atol: 1e-5, because: 'factors are float32' });
  });
});

it('an update that was never trained stays zero', () => {
  const idle = randomAdapter({ q: sides }, 3);
  idle.tensors.get('q.lora_B.weight')!.data.fill(0);
  const combined = combine(
    [
      { adapter: idle, weight: 1 },
      { adapter: idle, weight: 2 },
    ],
    { kind: 'svd' },
  );
  expect(
    updatesOf(combined)
      .get('q')!
      .every((value) => value === 0),
  ).toBe(true);
});
