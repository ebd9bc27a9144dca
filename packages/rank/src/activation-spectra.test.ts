import { randomFloats } from '@lowrank/core';
import { activationSpectra } from '@lowrank/rank';
import { describe, expect, expectClose, it, matMul64 } from '@lowrank/testing';
import { Matrix, SingularValueDecomposition } from 'ml-matrix';

const [rows, side] = [40, 12];
const inputs = randomFloats(rows * side, { distribution: 'normal', seed: 1 }).map(
  (value, at) => value * 0.7 ** (at % side),
);
const turned = Float64Array.from(
  { length: rows * side },
  (_, at) => inputs[(at % rows) * side + Math.floor(at / rows)]!,
);
const moment = matMul64(turned, inputs, [side, rows, side]);

describe('activationSpectra', () => {
  it('gives the singular values of the inputs whose second moment it gets', () => {
    const { values, energy } = activationSpectra(new Map([['q', moment]]), { count: 5 }).get('q')!;
    const exact = new SingularValueDecomposition(Matrix.from1DArray(rows, side, Array.from(inputs))).diagonal;
    expectClose(values, exact.slice(0, 5), { atol: 1e-6, because: 'roots of float64' });
    expect(energy).toBeCloseTo(
      exact.reduce((sum, value) => sum + value ** 2, 0),
      6,
    );
  });

  it('refuses what is no second moment', () => {
    expect(() => activationSpectra(new Map([['q', [1, 2, 3]]]))).toThrow('a second moment of 3 values for "q"');
    expect(() => activationSpectra(new Map([['q', [1, 0, 0, NaN]]]))).toThrow('its values are finite numbers');
  });
});
