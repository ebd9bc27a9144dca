import { codebooks, type BlockFormat, type BlockWeight } from '@lowrank/core';
import { panelColumns, panelTasks, type Unpackable } from './right-side.js';
import type { Workplace } from './tensors.js';

/**
 * A quantised weight as the right side of a product, `[in, out]`, or with `across` its transpose `[out, in]`. It is
 * unpacked panel by panel, and never stands dense in memory.
 */
export function packedRight({ at }: Workplace, weight: BlockWeight, across: boolean): Unpackable {
  const { packed, scales, block, format } = weight;
  const rows = [4 * (packed.shape[1] as number), 4 * (scales.shape[1] as number)];
  return {
    unpack(engine, { inner, left, columns, address }) {
      const { taskPanels, tasks } = panelTasks(engine, { panels: Math.ceil(columns / panelColumns), inner });
      const sizes = [columns, inner, left, Number(across), ...rows, block, taskPanels, forms[format]];
      engine.run('unpack', tasks, [at(packed), at(scales), address, ...sizes, ...planesOf(format)]);
    },
  };
}

/** How the engine unpacks each format; see native/codes.ts. */
export const forms: Record<BlockFormat, number> = { int8: 0, nf4: 1, q4: 1, f16: 2, bf16: 3 };

/** What each 4-bit code of a format stands for, as four planes of the first to the last bytes of all codes. */
export function planesOf(format: BlockFormat): number[] {
  if (format !== 'nf4' && format !== 'q4') return [];
  const bytes = new Uint8Array(codebooks[format].slice().buffer);
  const planes = bytes.map((_, index) => bytes[4 * (index % 16) + (index >> 4)] as number);
  return [...new Int32Array(planes.buffer)];
}
