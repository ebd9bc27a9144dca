import { concat, slice, type Tensor } from '@tensorflow/tfjs-core';

/** Rows of a batch and their values `[rows, ...]`. */
export interface RowPiece {
  rows: number[];
  value: Tensor;
}

/**
 * The rows with these indices, ascending, `[rows, ...]`, in a `tidy` of the caller. By slices of neighbours: tfjs's
 * gather works out a place for every single value.
 */
export function takeRows(x: Tensor, rows: number[]): Tensor {
  return joined(runsOf(rows).map(({ from, length }) => slice(x, from, length)));
}

/** All rows in their order, in a `tidy` of the caller. @param pieces which have every row once, each ascending */
export function joinRows(pieces: RowPiece[]): Tensor {
  const places = pieces.flatMap(({ rows, value }) => rows.map((row, at) => ({ row, at, value })));
  places.sort((left, right) => left.row - right.row);
  const runs: { value: Tensor; from: number; length: number }[] = [];
  for (const { value, at } of places) {
    const last = runs.at(-1);
    if (last?.value === value && last.from + last.length === at) last.length++;
    else runs.push({ value, from: at, length: 1 });
  }
  return joined(runs.map(({ value, from, length }) => slice(value, from, length)));
}

function runsOf(rows: number[]): { from: number; length: number }[] {
  const runs: { from: number; length: number }[] = [];
  for (const row of rows) {
    const last = runs.at(-1);
    if (last && last.from + last.length === row) last.length++;
    else runs.push({ from: row, length: 1 });
  }
  return runs;
}

function joined(pieces: Tensor[]): Tensor {
  return pieces.length === 1 ? (pieces[0] as Tensor) : concat(pieces);
}
