/** The gradient of `loss` at `factors` by central differences, each as `factors` are laid out. */
export function slopes64(factors: Float64Array[], loss: (factors: Float64Array[]) => number): Float64Array[] {
  const step = 1e-5;
  return factors.map((factor, which) =>
    factor.map((value, index) => {
      const at = (moved: number) => {
        const changed = factor.slice();
        changed[index] = moved;
        return loss(factors.with(which, changed));
      };
      return (at(value + step) - at(value - step)) / (2 * step);
    }),
  );
}
