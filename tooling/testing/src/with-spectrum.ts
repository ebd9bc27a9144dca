import { randomFloats, type Matrix } from '@lowrank/core';

/** `Σ sᵢ uᵢ vᵢᵀ` for the columns of two reflections, which are orthogonal exactly. */
export function withSpectrum(spectrum: number[], rows: number, columns: number): Matrix {
  const [left, right] = [reflection(rows, 1), reflection(columns, 2)];
  const values = Float64Array.from({ length: rows * columns }, (_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    return spectrum.reduce((total, value, index) => total + value * left(row, index) * right(column, index), 0);
  });
  return { values, rows, columns };
}

function reflection(size: number, seed: number): (row: number, column: number) => number {
  const normal = randomFloats(size, { distribution: 'normal', seed });
  const square = normal.reduce((total, value) => total + value * value, 0);
  return (row, column) => (row === column ? 1 : 0) - (2 * normal[row]! * normal[column]!) / square;
}
