/** In float64. */
export function frobenius(values: Float32Array): number {
  let total = 0;
  for (const value of values) total += value * value;
  return Math.sqrt(total);
}

/** `‖A B‖` of `a [n, rank]` and `b [rank, m]`, never `[n, m]`: `‖AB‖² = Σ (AᵀA) ∘ (BBᵀ)`, in float64. */
export function updateNorm(a: Float32Array, b: Float32Array, rank: number): number {
  const [left, right] = [gram(a, rank, 'columns'), gram(b, rank, 'rows')];
  const square = left.reduce((sum, value, index) => sum + value * (right[index] as number), 0);
  return Math.sqrt(Math.max(0, square));
}

function gram(data: Float32Array, rank: number, along: 'rows' | 'columns'): Float64Array {
  const length = data.length / rank;
  const at = (which: number, index: number) =>
    data[along === 'rows' ? which * length + index : index * rank + which] as number;
  const result = new Float64Array(rank * rank);
  for (let left = 0; left < rank; left++) {
    for (let right = left; right < rank; right++) {
      let total = 0;
      for (let index = 0; index < length; index++) total += at(left, index) * at(right, index);
      result[left * rank + right] = result[right * rank + left] = total;
    }
  }
  return result;
}
