export interface MatMulShape {
  rows: number;
  inner: number;
  columns: number;
  transposeA: boolean;
  transposeB: boolean;
}

/** `loop`: tfjs's own; `straight`: A B on XNNPACK; `turned`: (Bᵀ Aᵀ)ᵀ on XNNPACK. */
export type Way = 'loop' | 'straight' | 'turned';

/**
 * The fastest way to one product whose right side is not packed yet. XNNPACK wants both sides untransposed and
 * the right one packed, which costs more than the product itself where the left one has few rows; turned, the
 * sides change places. tfjs's loop wants nothing, and wins for the smallest. Costs are in ns of one core, as
 * measured; only their ratios matter.
 */
export function chooseWay(shape: MatMulShape, mayLoop: boolean): Way {
  const { rows, inner, columns, transposeA, transposeB } = shape;
  const turned = { rows: columns, inner, columns: rows, transposeA: !transposeB, transposeB: !transposeA };
  const costs: Record<Way, number> = {
    loop: mayLoop ? 0.9 * rows * inner * columns : Infinity,
    straight: xnnCost(shape),
    turned: xnnCost(turned) + transposeCost * rows * columns,
  };
  return (Object.keys(costs) as Way[]).reduce((best, way) => (costs[way] < costs[best] ? way : best));
}

const transposeCost = 0.4;

function xnnCost({ rows, inner, columns, transposeA, transposeB }: MatMulShape): number {
  const pack = 4 * inner * columns;
  const transpose = transposeCost * ((transposeA ? rows * inner : 0) + (transposeB ? inner * columns : 0));
  const multiply = 0.1 * rows * inner * 8 * Math.ceil(columns / 8);
  const calls = 2500;
  return calls + pack + transpose + multiply;
}
