/**
 * The eigenvalues of a symmetric tridiagonal matrix by the QL method with implicit shifts, in float64.
 *
 * @param diagonal `[n]`; becomes the eigenvalues, in no order
 * @param beside `[n - 1]`, the values next to the diagonal; destroyed
 * @param rows rows of the identity `[n]` each; become the same rows of the matrix of eigenvectors. One row costs O(n²).
 * @see Golub & Van Loan, Matrix Computations, section 8.3
 */
export function tridiagonalEigen(diagonal: Float64Array, beside: Float64Array, rows: Float64Array[]): void {
  const size = diagonal.length;
  const off = Float64Array.from({ length: size }, (_, index) => beside[index] ?? 0);
  for (let first = 0; first < size; first++) {
    for (;;) {
      const last = blockEnd(diagonal, off, first);
      if (last === first) break;
      sweep(diagonal, off, rows, first, last);
    }
  }
}

/** Where the matrix falls apart behind `first`. */
function blockEnd(diagonal: Float64Array, off: Float64Array, first: number): number {
  let last = first;
  for (; last < diagonal.length - 1; last++) {
    const scale = Math.abs(diagonal[last]!) + Math.abs(diagonal[last + 1]!);
    if (Math.abs(off[last]!) <= Number.EPSILON * scale) break;
  }
  return last;
}

/** One sweep of rotations from the end of a block to its start. */
function sweep(diagonal: Float64Array, off: Float64Array, rows: Float64Array[], first: number, last: number): void {
  const half = (diagonal[first + 1]! - diagonal[first]!) / (2 * off[first]!);
  const root = Math.hypot(half, 1);
  let g = diagonal[last]! - diagonal[first]! + off[first]! / (half + (half >= 0 ? root : -root));
  let [sine, cosine, shift] = [1, 1, 0];
  for (let index = last - 1; index >= first; index--) {
    const f = sine * off[index]!;
    const b = cosine * off[index]!;
    const length = Math.hypot(f, g);
    off[index + 1] = length;
    if (length === 0) {
      diagonal[index + 1]! -= shift;
      off[last] = 0;
      return;
    }
    sine = f / length;
    cosine = g / length;
    g = diagonal[index + 1]! - shift;
    const turn = (diagonal[index]! - g) * sine + 2 * cosine * b;
    shift = sine * turn;
    diagonal[index + 1] = g + shift;
    g = cosine * turn - b;
    for (const row of rows) {
      const upper = row[index + 1]!;
      row[index + 1] = sine * row[index]! + cosine * upper;
      row[index] = cosine * row[index]! - sine * upper;
    }
  }
  diagonal[first]! -= shift;
  off[first] = g;
  off[last] = 0;
}
