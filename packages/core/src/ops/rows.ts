/** How many rows a tensor has when all its axes but the last are one. */
export function rowsOf(shape: number[]): number {
  return shape.slice(0, -1).reduce((product, side) => product * side, 1);
}
