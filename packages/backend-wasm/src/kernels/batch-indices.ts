/**
 * For every matrix of a batched result, in order, which of an operand's matrices it is made from, when the
 * operand's leading axes `own` are broadcast to the result's leading axes `result`.
 */
export function batchIndices(result: number[], own: number[]): number[] {
  const sides = [...Array<number>(result.length - own.length).fill(1), ...own];
  return result.reduce(
    (indices, side, axis) => {
      const stride = sides[axis] as number;
      return indices.flatMap((base) =>
        Array.from({ length: side }, (_, index) => base * stride + (stride === 1 ? 0 : index)),
      );
    },
    [0],
  );
}
