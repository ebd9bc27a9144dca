import * as Plot from '@observablehq/plot';
import type { RunEvent } from '../train/event-log.js';
import { stepPlot } from './step-plot.js';

/** The loss of a run over its steps as an SVG: each step, their running mean, and the held-out loss. */
export function lossCurve(events: RunEvent[], { title, unit }: { title: string; unit: string }): string {
  const steps = events.filter((event) => event.type === 'step-end');
  const evaluations = events.filter((event) => event.type === 'eval-end');
  const kinds = { domain: ['each step', 'running mean', 'held out'], range: ['#c6d4e8', '#3b6fb6', '#d1495b'] };
  const window = Math.max(1, Math.round(steps.length / 20));
  return stepPlot({
    title,
    y: `loss, nats a ${unit}`,
    kinds,
    marks: [
      Plot.line(steps, { x: 'step', y: 'loss', stroke: () => 'each step' }),
      Plot.line(
        steps,
        Plot.windowY(
          { k: window, strict: false },
          { x: 'step', y: 'loss', stroke: () => 'running mean', strokeWidth: 2 },
        ),
      ),
      Plot.line(evaluations, { x: 'step', y: 'loss', stroke: () => 'held out', strokeWidth: 2 }),
      Plot.dot(evaluations, { x: 'step', y: 'loss', fill: () => 'held out', r: 4 }),
    ],
  });
}
