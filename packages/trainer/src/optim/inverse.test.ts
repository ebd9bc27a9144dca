import { randomFloats } from '@lowrank/core';
import { describe, expectClose, it, matMul64 } from '@lowrank/testing';
import { inverse } from './inverse.js';

describe('inverse', () => {
  it.each([1, 2, 7, 32])('times the matrix is the identity, at size %i', (size) => {
    const a = randomFloats(2 * size * size, { distribution: 'normal', seed: size });
    const turned = Float64Array.from(a, (_, at) => a[(at % (2 * size)) * size + Math.floor(at / (2 * size))]!);
    const gram = matMul64(turned, a, [size, 2 * size, size]);
    const identity = Float64Array.from(gram, (_, at) => (at % (size + 1) === 0 ? 1 : 0));
    expectClose(matMul64(inverse(gram, size), gram, [size, size, size]), identity, {
      atol: 1e-10,
      because: 'float64, condition numbers below 1e4',
    });
  });
});
