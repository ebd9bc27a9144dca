import { embeddingLookup } from '@lowrank/core';
import {
  concat,
  customGrad,
  gather,
  reshape,
  tensor2d,
  zeros,
  type Tensor,
  type Tensor2D,
} from '@tensorflow/tfjs-core';

/** Rows of a batch and their values `[rows, ...]`. */
export interface RowPiece {
  rows: number[];
  value: Tensor;
}

/** The rows with these indices, each once, `[rows, ...]`, in a `tidy` of the caller. */
export function takeRows(x: Tensor, rows: number[]): Tensor {
  if (x.dtype !== 'float32') return gather(x, rows);
  const pick = customGrad((input) => ({
    value: lookedUp(input as Tensor, rows),
    gradFunc: (dy: Tensor) => {
      // What was not taken has the gradient of the row of zeros at the end.
      const all = concat([dy, zeros([1, ...dy.shape.slice(1)])]);
      return lookedUp(all, placesOf(rows, x.shape[0] as number));
    },
  }));
  return pick(x);
}

/** All rows in their order, in a `tidy` of the caller. @param pieces which have every row once */
export function joinRows(pieces: RowPiece[]): Tensor {
  const order = pieces.flatMap(({ rows }) => rows);
  return takeRows(concat(pieces.map(({ value }) => value)), placesOf(order, order.length));
}

/** Where each of `count` rows is in `rows`; one past the end where it is not. */
function placesOf(rows: number[], count: number): number[] {
  const places = Array.from({ length: count }, () => rows.length);
  rows.forEach((row, place) => (places[row] = place));
  return places;
}

/** As an embedding's rows: tfjs's own gather works out a place for every single value. */
function lookedUp(x: Tensor, rows: number[]): Tensor {
  const [count, ...rest] = x.shape;
  const table = reshape(x, [count as number, -1]) as Tensor2D;
  return reshape(embeddingLookup(table, tensor2d(rows, [1, rows.length], 'int32')), [rows.length, ...rest]);
}
