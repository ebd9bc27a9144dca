import { codebooks, type CodedFormat, type PlainTensor } from '@lowrank/core';
import { expect } from '@lowrank/testing';

export const formats: CodedFormat[] = ['int8', 'nf4', 'q4'];

/**
 * Fails unless each run of `block` values of a row of `packed` is what its format makes of `values`, from the definitions in
 * float64: multiples by the run's own scale of the format's codes, and of those the nearest.
 */
export function expectNearestCodes(packed: PlainTensor, values: PlainTensor, format: CodedFormat, block = 64): void {
  const columns = values.shape[1] as number;
  expect(packed.shape).toEqual(values.shape);
  let worst = 0;
  for (let row = 0; row < values.data.length; row += columns) {
    for (let from = row; from < row + columns; from += block) {
      const to = Math.min(from + block, row + columns);
      worst = Math.max(worst, excess(packed.data.subarray(from, to), values.data.subarray(from, to), format));
    }
  }
  // A float32 holds 127 steps to within 1.5e-5 of one.
  expect(worst, 'how much further than need be, in steps').toBeLessThan(2e-5);
}

/** How far off the codes the packed values are, or further from the values than the nearest code, in steps. */
function excess(packed: Float32Array, values: Float32Array, format: CodedFormat): number {
  const largest = values.reduce((found, value) => (Math.abs(value) > Math.abs(found) ? value : found), 0);
  const scale = { int8: Math.abs(largest) / 127, nf4: Math.abs(largest), q4: largest / -8 }[format];
  const to = nearest[format];
  return packed.reduce((worst, stored, index) => {
    const [code, value] = [stored / scale, (values[index] as number) / scale];
    const further = Math.abs(code - value) - Math.abs(to(value) - value);
    return Math.max(worst, Math.abs(code - to(code)), further);
  }, 0);
}

const nearest: Record<CodedFormat, (value: number) => number> = {
  int8: (value) => Math.round(value),
  q4: (value) => Math.min(7, Math.round(value)),
  nf4: (value) =>
    codebooks.nf4.reduce((best, code) => (Math.abs(code - value) < Math.abs(best - value) ? code : best), Infinity),
};
