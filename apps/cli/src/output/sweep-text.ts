import type { SweepReport } from '@lowrank/sweep';
import { table } from './table.js';

/** A trial on one line: its folder and what of it differs. */
export function trialText(folder: string, values: Record<string, unknown>): string {
  const parts = Object.entries(values).map(([key, value]) => `${key} ${valueText(value)}`);
  return `${folder} ${parts.join(', ')}`;
}

/** What each trial came to, the best first. */
export function sweepTable({ trials }: SweepReport, searched: readonly string[]): string[] {
  const head = ['trial', ...searched, 'steps', 'held-out loss'];
  const rows = trials.map(({ folder, trial, step, loss, error }) => [
    folder,
    ...searched.map((key) => valueText(trial[key])),
    String(step),
    loss === undefined ? `failed: ${error ?? ''}` : loss.toFixed(4),
  ]);
  return table([head, ...rows]);
}

function valueText(value: unknown): string {
  if (typeof value === 'number') return String(Number(value.toPrecision(3)));
  return typeof value === 'string' ? value : JSON.stringify(value);
}
