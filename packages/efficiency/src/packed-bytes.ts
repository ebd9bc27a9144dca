import { bitsOf, blockOf, type BlockFormat, type ModelOutline, type ModuleInfo } from '@lowrank/core/plan';

/** An outline whose matrices are packed in blocks, each row by row with a float32 scale a block; the rest in float32. */
export function packedOutline(outline: ModelOutline, format: BlockFormat): ModelOutline {
  return { ...outline, modules: outline.modules.map((info) => ({ ...info, bytes: packedBytes(info, format) })) };
}

function packedBytes({ kind, in: from = 0, out = 0, parameters }: ModuleInfo, format: BlockFormat): number {
  if (parameters === 0 || (kind !== 'linear' && kind !== 'embedding')) return 4 * parameters;
  const [rows, columns] = kind === 'linear' ? [out, from] : [from, out];
  const block = blockOf(format, columns);
  const blocks = rows * Math.ceil(columns / block);
  return blocks * ((block * bitsOf(format)) / 8 + 4) + 4 * (parameters - rows * columns);
}
