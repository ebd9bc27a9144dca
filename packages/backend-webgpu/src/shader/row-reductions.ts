import { wgsl } from './shader.js';

/** Invocations that share a row. */
export const rowLanes = 128;

/** `rowSum(value, lane)`: the sum of what the lanes of a workgroup give, for each of them. */
export const rowSum = reduction('rowSum', 'rowSums', 'a + b');

/** `rowMax(value, lane)`: the largest of what they give. */
export const rowMax = reduction('rowMax', 'rowMaxima', 'max(a, b)');

function reduction(name: string, memory: string, combined: string): string {
  return wgsl`
var<workgroup> ${memory}: array<f32, ${rowLanes}>;
fn ${name}(value: f32, lane: u32) -> f32 {
  ${memory}[lane] = value;
  workgroupBarrier();
  for (var half = ${rowLanes / 2}u; half > 0; half >>= 1) {
    if (lane < half) {
      let a = ${memory}[lane];
      let b = ${memory}[lane + half];
      ${memory}[lane] = ${combined};
    }
    workgroupBarrier();
  }
  let all = ${memory}[0];
  workgroupBarrier();
  return all;
}
`;
}
