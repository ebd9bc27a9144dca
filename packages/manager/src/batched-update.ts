import { LoraLinear, type ForwardContext } from '@lowrank/core';
import {
  concat,
  matMul,
  mul,
  pad,
  reshape,
  tensor,
  zeros,
  type Tensor,
  type Tensor2D,
  type Tensor3D,
} from '@tensorflow/tfjs-core';
import type { RowPart } from './rows.js';

/** What a row's update is made of, by row; undefined for the base's. */
export type RowFactors = (ReturnType<LoraLinear['plainFactors']> | undefined)[];

/** The factors of each row, where all parts are plain LoRA on a linear and so can be computed in one go. */
export function factorsOfRows(parts: RowPart[], context: ForwardContext): RowFactors | undefined {
  const factors: RowFactors = [];
  for (const { rows, module } of parts) {
    const own = module instanceof LoraLinear ? module.plainFactors(context) : undefined;
    if (module && !own) return undefined;
    for (const row of rows) factors[row] = own;
  }
  return factors;
}

/**
 * `scalingᵣ · xᵣ Aᵣ Bᵣ` for each row r in two batched products, smaller ranks filled up with zeros; in a `tidy` of the
 * caller.
 *
 * @param x `[rows, ..., in]` @param factors one at least is there
 * @returns `[rows, ..., out]`
 */
export function batchedUpdate(x: Tensor, factors: RowFactors): Tensor {
  const some = factors.find((one) => one !== undefined)!;
  const [from, out] = [some.a.shape[0], some.b.shape[1]];
  const rank = Math.max(...factors.map((one) => one?.b.shape[0] ?? 0));
  const [noA, noB] = [zeros([from, rank]) as Tensor2D, zeros([rank, out]) as Tensor2D];
  const wide = new Map<Tensor2D, Tensor2D>();
  const filled = (factor: Tensor2D, missing: number, axis: 0 | 1): Tensor2D => {
    if (missing === 0) return factor;
    const already = wide.get(factor);
    if (already) return already;
    const value = pad(
      factor,
      axis === 1
        ? [
            [0, 0],
            [0, missing],
          ]
        : [
            [0, missing],
            [0, 0],
          ],
    );
    wide.set(factor, value);
    return value;
  };
  const stacked = (of: Tensor2D[], shape: [number, number]): Tensor3D =>
    reshape(concat(of), [factors.length, ...shape]);
  const a = stacked(
    factors.map((one) => (one ? filled(one.a, rank - one.a.shape[1], 1) : noA)),
    [from, rank],
  );
  const b = stacked(
    factors.map((one) => (one ? filled(one.b, rank - one.b.shape[0], 0) : noB)),
    [rank, out],
  );
  const hidden = matMul(reshape(x, [factors.length, -1, from]), a);
  const scaled = mul(hidden, scalings(factors));
  return reshape(matMul(scaled, b), [...x.shape.slice(0, -1), out]);
}

/** One where all are the same, else `[rows, 1, 1]`. */
function scalings(factors: RowFactors): number | Tensor {
  const values = factors.map((one) => one?.scaling);
  const [first, ...others] = new Set(values.filter((value) => value !== undefined));
  if (others.length === 0) return first as number;
  return tensor(
    values.map((value) => value ?? 0),
    [factors.length, 1, 1],
  );
}
