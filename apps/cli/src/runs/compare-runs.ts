import { countText, secondsText } from '../output/units.js';
import { percentText } from '../output/scores-text.js';
import type { RunRecord } from './read-run.js';

/** The columns that each run has; those of options that differ follow. */
export const runsHead = ['run', 'state', 'steps', 'loss', 'held out', 'change', 'accuracy', 'time', 'speed'];

/** A run as cells for people. */
export function runRow(run: RunRecord, keys: string[]): string[] {
  const { out, state, step, steps, loss, heldOutBefore, heldOutAfter, accuracy, seconds, targetsPerSecond } = run;
  const held = heldOutAfter ?? heldOutBefore;
  return [
    out,
    state,
    steps === undefined || steps === step ? String(step) : `${step}/${steps}`,
    loss?.toFixed(4) ?? '',
    held?.toFixed(4) ?? '',
    heldOutBefore === undefined || heldOutAfter === undefined
      ? ''
      : `${(100 * (heldOutAfter / heldOutBefore - 1)).toFixed(1)} %`,
    accuracy === undefined ? '' : percentText(accuracy),
    secondsText(seconds),
    targetsPerSecond === undefined ? '' : `${countText(targetsPerSecond)}/s`,
    ...keys.map((key) => optionText(run.options[key])),
  ];
}

/** The options that are not the same in all runs. */
export function differingOptions(runs: RunRecord[]): string[] {
  const keys = [...new Set(runs.flatMap(({ options }) => Object.keys(options)))];
  return keys.filter((key) => new Set(runs.map(({ options }) => JSON.stringify(options[key]))).size > 1);
}

export function optionText(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
