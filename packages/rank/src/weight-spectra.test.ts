import { FrozenConv, FrozenLinear, hostOf, planAdapter, stableRank } from '@lowrank/core';
import { weightSpectra } from '@lowrank/rank';
import { describe, errorOf, expect, expectClose, it, withSpectrum } from '@lowrank/testing';
import { tensor2d, tensor4d } from '@tensorflow/tfjs-core';

/** Values that fade, as a trained weight's do, and a float32 matrix that has them. */
function fading(rows: number, columns: number): { values: number[]; data: Float32Array } {
  const values = Array.from({ length: Math.min(rows, columns) }, (_, index) => 5 * 0.85 ** index);
  return { values, data: Float32Array.from(withSpectrum(values, rows, columns).values) };
}

describe('weightSpectra', () => {
  it('finds the largest singular values of each adapted weight, and the energy of all', async () => {
    const [flat, kernel] = [fading(50, 70), fading(3 * 3 * 4, 12)];
    using linear = new FrozenLinear(tensor2d(flat.data, [50, 70]));
    using conv = new FrozenConv(tensor4d(kernel.data, [3, 3, 4, 12]));
    const host = hostOf({ linear, conv });
    const plan = planAdapter({ targetModules: ['linear', 'conv'] }, host.modules());
    const spectra = await weightSpectra(plan, host, { count: 8 });
    for (const [path, values] of [
      ['linear', flat.values],
      ['conv', kernel.values],
    ] as const) {
      const { values: found, energy } = spectra.get(path)!;
      expectClose(found, values.slice(0, 8), { atol: 0.01, because: 'two passes leave a percent' });
      const all = values.reduce((sum, value) => sum + value ** 2, 0);
      expectClose([energy / all], [1], { atol: 1e-5, because: 'a float32 sum' });
    }
  });

  it('finds all of them where they are asked for, for effective and stable ranks', async () => {
    const { data, values: expected } = fading(30, 44);
    using linear = new FrozenLinear(tensor2d(data, [30, 44]));
    const host = hostOf({ linear });
    const spectra = await weightSpectra(planAdapter({ targetModules: ['linear'] }, host.modules()), host, {
      count: 'all',
    });
    const { values, effectiveRank } = spectra.get('linear')!;
    expectClose(values, expected, { atol: 1e-6, because: 'weights in float32' });
    const sum = expected.reduce((total, value) => total + value, 0);
    const entropy = expected.reduce((total, value) => total - (value / sum) * Math.log(value / sum), 0);
    expect(effectiveRank).toBeCloseTo(Math.exp(entropy), 4);
    expect(stableRank(values)).toBeCloseTo(
      expected.reduce((total, value) => total + value ** 2, 0) / expected[0]! ** 2,
      4,
    );
  });

  it('finds what there is of weights of a low rank, of zeros, and with a side of 1, some or all of it', async () => {
    const cases: [number, number, number[]][] = [
      [20, 30, [4, 1]],
      [30, 20, [4, 1]],
      [20, 30, [0]],
      [1, 9, [3]],
      [9, 1, [3]],
    ];
    for (const [rows, columns, expected] of cases) {
      const data = Float32Array.from(withSpectrum(expected, rows, columns).values);
      using linear = new FrozenLinear(tensor2d(data, [rows, columns]));
      const host = hostOf({ linear });
      const plan = planAdapter({ rank: 1, targetModules: ['linear'] }, host.modules());
      for (const count of [5, 'all'] as const) {
        const { values, energy } = (await weightSpectra(plan, host, { count })).get('linear')!;
        const length = Math.min(rows, columns, count === 'all' ? Infinity : count);
        expectClose(values, [...expected, ...Array<number>(length).fill(0)].slice(0, length), {
          atol: 1e-5,
          because: 'float32',
        });
        expectClose([energy], [expected.reduce((sum, value) => sum + value ** 2, 0)], {
          atol: 1e-4,
          because: 'float32',
        });
      }
    }
  });

  it('refuses weights that are not finite, and names the module', async () => {
    for (const wrong of [NaN, Infinity]) {
      const { data } = fading(16, 14);
      data[100] = wrong;
      using linear = new FrozenLinear(tensor2d(data, [16, 14]));
      const host = hostOf({ linear });
      const plan = planAdapter({ targetModules: ['linear'] }, host.modules());
      for (const count of [2, 'all'] as const) {
        const { code, message } = await errorOf(() => weightSpectra(plan, host, { count }));
        expect(code).toBe('not-finite');
        expect(message).toContain('"linear"');
      }
    }
  });
});
