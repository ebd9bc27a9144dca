import type { Advice, Estimate, Workload } from '@lowrank/efficiency';
import { table } from './table.js';
import { bytesText, countText } from './units.js';

/** What a step of a batch takes, as lines for people. */
export function estimateText({ memory, flops, fileBytes }: Estimate, { batch, seq, kernels }: Workload): string[] {
  const unpacked = memory.unpacked > 0 ? `, ${bytesText(memory.unpacked)} for a weight unpacked` : '';
  return [
    `file          ${bytesText(fileBytes)}, adapter_model.safetensors`,
    `a step        ${bytesText(memory.total)} at its peak on ${kernels?.name}, batch ${batch} of ${seq} tokens:`,
    `              ${bytesText(memory.base)} base, ${bytesText(memory.adapter)} adapter, ${bytesText(memory.gradients)} gradients, ${bytesText(memory.optimizer)} moments,`,
    `              ${bytesText(memory.kept)} kept for the way back, ${bytesText(memory.backward)} on the way back${unpacked}`,
    `work          ${flopsText(flops.step)} a step; ${flopsText(flops.merged)} forward merged, ${flopsText(flops.unmerged)} unmerged`,
  ];
}

/** The same for other ranks and for full fine-tuning. */
export function besideTable(ranks: (Estimate & { rank: number })[], full: Estimate): string[] {
  const row = (name: string, { adapterParameters, baseParameters, fileBytes, memory, flops }: Estimate) => [
    name,
    countText(adapterParameters),
    `${((100 * adapterParameters) / baseParameters).toFixed(2)} %`,
    bytesText(fileBytes),
    bytesText(memory.total),
    flopsText(flops.step),
  ];
  return table([
    ['beside it', 'trained', 'of the base', 'file', 'peak', 'work a step'],
    ...ranks.map(({ rank, ...estimate }) => row(`rank ${rank}`, estimate)),
    row('all weights', full),
  ]);
}

export const adviceText = (advice: Advice[]): string[] => advice.map(({ text }) => `advice        ${text}`);

/** Floating-point operations for people: `1.3 TFLOP`. */
function flopsText(count: number): string {
  const units = ['FLOP', 'kFLOP', 'MFLOP', 'GFLOP', 'TFLOP', 'PFLOP'];
  const power = count < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(count) / 3));
  return `${(count / 1000 ** power).toFixed(1)} ${units[power]}`;
}
