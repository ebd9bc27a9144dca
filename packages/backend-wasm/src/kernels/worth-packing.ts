export interface MatMulShape {
  rows: number;
  inner: number;
  columns: number;
  transposeA: boolean;
  transposeB: boolean;
}

/**
 * Whether one product is faster on XNNPACK, which wants its right operand packed and both untransposed, than
 * in tfjs's plain loop, which wants nothing: not for a few rows, nor for tiny matrices. Costs in ns of one
 * core, as measured; only their ratios matter.
 */
export function worthPacking({ rows, inner, columns, transposeA, transposeB }: MatMulShape): boolean {
  const loop = 0.9 * rows * inner * columns;
  const pack = 4 * inner * columns;
  const transpose = 2 * ((transposeA ? rows * inner : 0) + (transposeB ? inner * columns : 0));
  const multiply = 0.1 * rows * inner * 8 * Math.ceil(columns / 8);
  const calls = 2500;
  return calls + pack + transpose + multiply < loop;
}
