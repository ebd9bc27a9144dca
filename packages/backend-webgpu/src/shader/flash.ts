import { wgsl } from './shader.js';

/** Queries, and keys, that a workgroup holds at a time: a lane for each pair of them. */
export const block = 16;
export const lanes = block * block;

/** Whole numbers that all attention shaders are told. */
export const flashSizes = ['heads', 'kvHeads', 'seq', 'kvSeq', 'window', 'causal', 'masked'];

/** Bytes of shared memory that the backward shaders take, which take the most. */
export function sharedBytes(headDim: number): number {
  return 4 * (4 * block * (headDim + 1) + 2 * block * (block + 1));
}

/**
 * What attention's shaders share: `q`, `k`, `v` and `mask` are bound. Shared memory holds blocks of rows, each with one
 * value of padding so that lanes that read down a column meet different banks.
 */
export function flash(headDim: number, tiles: string[]): string {
  const row = headDim + 1;
  return wgsl`
${tiles.map((tile) => `var<workgroup> ${tile}: array<f32, ${block * row}>;`).join('\n')}
var<workgroup> pairs: array<f32, ${block * (block + 1)}>;

fn kvHeadOf(head: u32) -> u32 {
  return (head / n.heads) * n.kvHeads + (head % n.heads) / (n.heads / n.kvHeads);
}

// The first key, at the start of a block, that queries from t on see some of.
fn firstKeyOf(t: u32) -> u32 {
  let past = t + n.kvSeq - n.seq + 1;
  return select(0, past - n.window, past > n.window) / ${block} * ${block};
}

// Whether query t of a batch may see key s of it.
fn sees(batch: u32, t: u32, s: u32) -> bool {
  if (t >= n.seq || s >= n.kvSeq) { return false; }
  if (n.causal == 1 && s > t + n.kvSeq - n.seq) { return false; }
  if (s + n.window <= t + n.kvSeq - n.seq) { return false; }
  return n.masked == 0 || mask[batch * n.kvSeq + s] > 0.5;
}
${tiles
  .filter((tile) => tile.endsWith('Tile'))
  .map((tile) => tile.slice(0, -4))
  .map(
    (name) => wgsl`
// Brings rows from \`first\` on of one head's matrix, zeros beyond its \`most\` rows.
fn load_${name}(head: u32, first: u32, most: u32, lane: u32) {
  for (var i = lane; i < ${block * headDim}u; i += ${lanes}u) {
    let at = i / ${headDim}u;
    var value = 0.0;
    if (first + at < most) { value = ${name}[(head * most + first + at) * ${headDim}u + i % ${headDim}u]; }
    ${name}Tile[at * ${row} + i % ${headDim}u] = value;
  }
}`,
  )
  .join('\n')}
`;
}

/** WGSL for the product of two rows in shared memory. */
export function dot(
  headDim: number,
  left: string,
  leftRow: string,
  right: string,
  rightRow: string,
  into: string,
): string {
  return wgsl`
  var ${into} = 0.0;
  for (var d = 0u; d < ${headDim}u; d++) {
    ${into} = fma(${left}[${leftRow} * ${headDim + 1} + d], ${right}[${rightRow} * ${headDim + 1} + d], ${into});
  }`;
}
