/** A matrix in float64, row after row. */
export interface Matrix {
  rows: number;
  columns: number;
  data: Float64Array;
}

export function zeros(rows: number, columns: number): Matrix {
  return { rows, columns, data: new Float64Array(rows * columns) };
}

/** A float64 copy of `values`, which lie row after row. */
export function matrixOf(values: ArrayLike<number>, rows: number, columns: number): Matrix {
  return { rows, columns, data: Float64Array.from(values) };
}

/** @returns `[columns, rows]` */
export function turned({ rows, columns, data }: Matrix): Matrix {
  const result = zeros(columns, rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      result.data[column * rows + row] = data[row * columns + column] as number;
    }
  }
  return result;
}

/** The first `rows` rows. */
export function topRows({ columns, data }: Matrix, rows: number): Matrix {
  return { rows, columns, data: data.slice(0, rows * columns) };
}

/** Each row times its own factor. */
export function scaledRows({ rows, columns, data }: Matrix, factors: ArrayLike<number>): Matrix {
  return {
    rows,
    columns,
    data: data.map((value, index) => value * (factors[Math.floor(index / columns)] as number)),
  };
}

export function scaled({ rows, columns, data }: Matrix, factor: number): Matrix {
  return { rows, columns, data: data.map((value) => value * factor) };
}

/** Matrices of one width on top of each other. */
export function stacked(matrices: Matrix[]): Matrix {
  const result = zeros(
    matrices.reduce((sum, { rows }) => sum + rows, 0),
    matrices[0]?.columns ?? 0,
  );
  let at = 0;
  for (const { data } of matrices) {
    result.data.set(data, at);
    at += data.length;
  }
  return result;
}

/** `Σ values²`: of a matrix, its Frobenius norm squared. */
export function squares(values: ArrayLike<number>): number {
  let total = 0;
  for (let index = 0; index < values.length; index++) total += (values[index] as number) ** 2;
  return total;
}
