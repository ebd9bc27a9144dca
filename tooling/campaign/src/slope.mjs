/** The slope of the straight line nearest to `[x, y]` points by least squares, in units of y for each of x. */
export function slope(points) {
  const mean = (at) => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const sums = points.reduce(([xy, xx], [x, y]) => [xy + (x - meanX) * (y - meanY), xx + (x - meanX) ** 2], [0, 0]);
  return sums[0] / sums[1];
}
