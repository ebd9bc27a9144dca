import { randomFloats } from '@lowrank/core';
import { activationSpectra } from '@lowrank/rank';
import { describe, errorOf, expect, expectClose, it, matMul64 } from '@lowrank/testing';
import { Matrix, SingularValueDecomposition } from 'ml-matrix';

const [rows, side] = [40, 12];
const drawn = randomFloats(rows * side, { distribution: 'normal', seed: 1 });
const inputs = drawn.map((value, at) => value * 0.7 ** (at % side) + (at % 3));
const turned = Float64Array.from(
  { length: rows * side },
  (_, at) => inputs[(at % rows) * side + Math.floor(at / rows)]!,
);
const mean = Float32Array.from({ length: side }, (_, column) => {
  return inputs.reduce((sum, value, at) => sum + (at % side === column ? value / rows : 0), 0);
});
const second = Float32Array.from(matMul64(turned, inputs, [side, rows, side]), (value) => value / rows);

describe('activationSpectra', () => {
  it('gives the singular values of the inputs about their mean, a position', () => {
    const { values, energy } = activationSpectra(new Map([['q', { count: rows, mean, second }]]), { count: 5 }).get(
      'q',
    )!;
    const centred = Array.from(inputs, (value, at) => (value - mean[at % side]!) / Math.sqrt(rows));
    const exact = new SingularValueDecomposition(Matrix.from1DArray(rows, side, centred)).diagonal;
    expectClose(values, exact.slice(0, 5), { atol: 1e-5, because: 'moments in float32' });
    expect(energy).toBeCloseTo(
      exact.reduce((sum, value) => sum + value ** 2, 0),
      4,
    );
  });

  it('refuses moments that are not finite, and names the module', async () => {
    for (const wrong of [NaN, Infinity]) {
      const moments = new Map([
        ['q', { count: rows, mean, second: second.map((value, at) => (at === 7 ? wrong : value)) }],
      ]);
      const { code, message } = await errorOf(() => activationSpectra(moments));
      expect(code).toBe('not-finite');
      expect(message).toContain('"q"');
    }
  });
});
