import { deriveSeed, FrozenConv, FrozenLinear, hostOf, planAdapter, randomFloats, stableRank } from '@lowrank/core';
import { weightSpectra } from '@lowrank/rank';
import { describe, expect, expectClose, it } from '@lowrank/testing';
import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { tensor2d, tensor4d } from '@tensorflow/tfjs-core';

const normal = (count: number, seed: number) => randomFloats(count, { distribution: 'normal', seed });

/** By another's exact decomposition. */
function exactly(data: ArrayLike<number>, rows: number, columns: number): number[] {
  return new SingularValueDecomposition(Matrix.from1DArray(rows, columns, Array.from(data)), { autoTranspose: true })
    .diagonal;
}

/** A sum of outer products that fade, as a trained weight's do. */
function fading(rows: number, columns: number): Float32Array {
  const data = new Float32Array(rows * columns);
  for (let term = 0; term < Math.min(rows, columns); term++) {
    const [left, right] = [normal(rows, deriveSeed(term, 'left')), normal(columns, deriveSeed(term, 'right'))];
    data.forEach((_, at) => (data[at]! += left[Math.floor(at / columns)]! * right[at % columns]! * 0.85 ** term));
  }
  return data;
}

describe('weightSpectra', () => {
  it('finds the largest singular values of each adapted weight, and the energy of all', async () => {
    const [data, kernel] = [fading(50, 70), normal(3 * 3 * 4 * 12, 5)];
    using linear = new FrozenLinear(tensor2d(data, [50, 70]));
    using conv = new FrozenConv(tensor4d(kernel, [3, 3, 4, 12]));
    const host = hostOf({ linear, conv });
    const plan = planAdapter({ targetModules: ['linear', 'conv'] }, host.modules());
    const spectra = await weightSpectra(plan, host, { count: 8 });
    for (const [path, values] of [
      ['linear', exactly(data, 50, 70)],
      ['conv', exactly(kernel, 36, 12)],
    ] as const) {
      const { values: found, energy } = spectra.get(path)!;
      expectClose(found, values.slice(0, 8), { atol: 0.01 * values[0]!, because: 'two passes leave a percent' });
      const all = values.reduce((sum, value) => sum + value ** 2, 0);
      expectClose([energy / all], [1], { atol: 1e-5, because: 'a float32 sum' });
    }
  });

  it('finds all of them where they are asked for, for effective and stable ranks', async () => {
    const data = fading(30, 44);
    using linear = new FrozenLinear(tensor2d(data, [30, 44]));
    const host = hostOf({ linear });
    const spectra = await weightSpectra(planAdapter({ targetModules: ['linear'] }, host.modules()), host, {
      count: 'all',
    });
    const [{ values, effectiveRank }, expected] = [spectra.get('linear')!, exactly(data, 30, 44)];
    expectClose(values, expected, { atol: 1e-6 * expected[0]!, because: 'float64 on squares' });
    const sum = expected.reduce((total, value) => total + value, 0);
    const entropy = expected.reduce((total, value) => total - (value / sum) * Math.log(value / sum), 0);
    expect(effectiveRank).toBeCloseTo(Math.exp(entropy), 4);
    expect(stableRank(values)).toBeCloseTo(
      expected.reduce((total, value) => total + value ** 2, 0) / expected[0]! ** 2,
      4,
    );
  });
});
