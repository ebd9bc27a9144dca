import { bitsOf, codebooks, type BlockFormat } from '@lowrank/core';
import { wgsl } from './shader.js';

/**
 * `packedValue(row, index)`: the value that a `BlockWeight` stands for, read from arrays named `packed` and `scales`.
 * The sizes `words` and `blocks` say how many of each a row has; the block's length is part of the shader.
 */
export function packedValue(format: BlockFormat, block: number): string {
  return wgsl`
${codes[format]}
fn packedValue(row: u32, index: u32) -> f32 {
  return codeOf(packed[row * n.words + index / ${32 / bitsOf(format)}u], index)
    * scales[row * n.blocks + index / ${block}u];
}
`;
}

const codes: Record<BlockFormat, string> = {
  int8: wgsl`fn codeOf(word: u32, index: u32) -> f32 { return f32(extractBits(bitcast<i32>(word), (index & 3u) * 8u, 8u)); }`,
  q4: wgsl`fn codeOf(word: u32, index: u32) -> f32 { return f32(extractBits(word, (index & 7u) * 4u, 4u)) - 8.0; }`,
  nf4: wgsl`
var<private> codebook: array<f32, 16> = array<f32, 16>(${[...codebooks.nf4].join(', ')});
fn codeOf(word: u32, index: u32) -> f32 { return codebook[extractBits(word, (index & 7u) * 4u, 4u)]; }`,
  f16: wgsl`fn codeOf(word: u32, index: u32) -> f32 { return unpack2x16float(word)[index & 1u]; }`,
  bf16: wgsl`fn codeOf(word: u32, index: u32) -> f32 { return bitcast<f32>(extractBits(word, (index & 1u) * 16u, 16u) << 16u); }`,
};
