/**
 * The gradient of `f` at `at` by central differences, `(f(x + h) - f(x - h)) / 2h`, in float64.
 * `f` must itself compute in float64 for `step` this small.
 */
export function finiteDifferences(f: (x: Float64Array) => number, at: ArrayLike<number>, step = 1e-5): Float64Array {
  const x = Float64Array.from(at);
  return x.map((value, index) => {
    x[index] = value + step;
    const up = f(x);
    x[index] = value - step;
    const down = f(x);
    x[index] = value;
    return (up - down) / (2 * step);
  });
}
