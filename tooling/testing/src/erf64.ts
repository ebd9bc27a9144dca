/** The error function: its Maclaurin series near 0, the continued fraction of 1 - erf beyond. */
export function erf64(x: number): number {
  const t = Math.abs(x);
  if (t > 2) {
    let fraction = t;
    for (let k = 120; k > 0; k--) fraction = t + k / 2 / fraction;
    return Math.sign(x) * (1 - Math.exp(-t * t) / Math.sqrt(Math.PI) / fraction);
  }
  let [sum, term] = [x, x];
  for (let k = 1; k < 60; k++) {
    term *= (-x * x) / k;
    sum += term / (2 * k + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
