import * as Plot from '@observablehq/plot';
import type { RunEvent } from '../train/event-log.js';
import { stepPlot } from './step-plot.js';

/** What else a run's steps say, each as an SVG by its file's name. */
export function runPlots(events: RunEvent[], unit: string): Record<string, string> {
  const steps = events
    .filter((event) => event.type === 'step-end')
    .map((event) => ({ ...event, speed: (1000 * event.targets) / event.milliseconds }));
  const plot = (title: string, y: string, key: 'learningRate' | 'gradientNorm' | 'speed') =>
    stepPlot({ title, y, marks: [Plot.line(steps, { x: 'step', y: key, stroke: '#3b6fb6' })] });
  return {
    'learning-rate.svg': plot('Learning rate', 'learning rate', 'learningRate'),
    'gradient-norm.svg': plot('Gradient before clipping', 'L2 norm', 'gradientNorm'),
    'speed.svg': plot('Speed', `${unit}s/s`, 'speed'),
  };
}
