import type { Advice, Estimate, Workload } from '@lowrank/efficiency';
import type { MeasuredBackend } from '../doctor/speeds-file.js';
import { table } from './table.js';
import { bytesText, countText, secondsText } from './units.js';

/** What a step of a batch takes, as lines for people. */
export function estimateText({ memory, flops, fileBytes }: Estimate, { batch, seq, kernels }: Workload): string[] {
  const unpacked = memory.unpacked > 0 ? `, ${bytesText(memory.unpacked)} for a weight unpacked` : '';
  const passing = memory.passing > 0 ? `, ${bytesText(memory.passing)} in passing` : '';
  return [
    `file          ${bytesText(fileBytes)}, adapter_model.safetensors`,
    `a step        ${bytesText(memory.total)} at its peak on ${kernels?.name}, batch ${batch} of ${seq} tokens:`,
    `              ${bytesText(memory.base)} base, ${bytesText(memory.adapter)} adapter, ${bytesText(memory.gradients)} gradients, ${bytesText(memory.optimizer)} moments,`,
    `              ${bytesText(memory.kept)} kept for the way back, ${bytesText(memory.backward)} on the way back${unpacked}${passing}; ${bytesText(memory.runtime)} for ${kernels?.name} itself`,
    `work          ${flopsText(flops.step)} a step; ${flopsText(flops.merged)} forward merged, ${flopsText(flops.unmerged)} unmerged`,
  ];
}

/** What a step is reckoned with that lowrank does not do, line by line. */
export function assumedText({ checkpointing = false, activationBytes = 4 }: Workload): string[] {
  return [
    ...(checkpointing
      ? ["assumed       layers computed again on the way back (checkpointing): lowrank's trainer does not do so"]
      : []),
    ...(activationBytes < 4 ? ["assumed       activations in float16: lowrank's backends keep them in float32"] : []),
  ];
}

/** How long a step takes by what `lowrank doctor` measured here, or that it has not. */
export function timeText(seconds: number | null, measured: MeasuredBackend | undefined): string {
  if (seconds === null || !measured)
    return 'time          not known: lowrank doctor measures how fast this machine trains';
  const threads = `${measured.threads} thread${measured.threads === 1 ? '' : 's'}`;
  const time = seconds < 10 ? `${Math.round(1000 * seconds)} ms` : secondsText(seconds);
  return `time          ${time} a step with ${threads}, as lowrank doctor measured on ${measured.at.slice(0, 10)}`;
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
