/** Rows of `seq` places, row-major, each filled up behind its values with `fill`. */
export function paddedRows(rows: readonly Int32Array[], seq: number, fill: number): Int32Array {
  const all = new Int32Array(rows.length * seq).fill(fill);
  rows.forEach((row, index) => all.set(row, index * seq));
  return all;
}
