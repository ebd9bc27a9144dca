import { styled } from './colour.js';
import { textChart } from './text-chart.js';

/** Where a run stands; amounts are written out. */
export interface TrainState {
  step: number;
  steps: number;
  /** The running mean of the loss, by step. */
  mean: [step: number, loss: number][];
  heldOut: [step: number, loss: number][];
  speed: string;
  /** Of the whole process. */
  memory: string;
  learningRate: string;
  /** Time to the end. */
  left: string;
}

/** Fewer lines than this have no room for a curve. */
const leastRows = 18;

/** A run as some lines of a terminal: how far it is, its loss curves, and its figures. */
export function trainPanel(state: TrainState, people: NodeJS.WriteStream): string {
  const { step, steps, mean, heldOut, speed, memory, learningRate, left } = state;
  const width = Math.min(people.columns || 80, 100);
  const bold = (text: string) => styled('bold', text, people);
  const colours = styled('blue', 'x', people) !== 'x';
  const cells = Math.max(10, Math.min(40, width - 40));
  const full = Math.round((cells * step) / steps);
  const held = heldOut.at(-1)?.[1];
  const start = heldOut[0]?.[1];
  const change =
    held !== undefined && start !== undefined && heldOut.length > 1
      ? ` (${(100 * (held / start - 1)).toFixed(1)} %)`
      : '';
  return [
    '',
    `${bold(`step ${step}/${steps}`)}  ${'█'.repeat(full)}${'░'.repeat(cells - full)} ${Math.floor((100 * step) / steps)} %  ${left} left`,
    ...(people.rows && people.rows < leastRows ? [] : [textChart(mean, heldOut, { width, height: 8, colours })]),
    [
      `${styled('blue', '━', people)} loss ${bold(mean.at(-1)![1].toFixed(3))}`,
      ...(held === undefined ? [] : [`${styled('red', '━', people)} held out ${bold(held.toFixed(3))}${change}`]),
    ].join('   '),
    `${speed} · ${memory} · lr ${learningRate}`,
  ]
    .filter((line, index) => index === 0 || line !== '')
    .join('\n');
}
