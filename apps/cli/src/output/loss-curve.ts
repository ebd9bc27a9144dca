import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { RunEvent } from '../train/event-log.js';

/** The loss of a run over its steps as an SVG: each step, their running mean, and the held-out loss. */
export function lossCurve(events: RunEvent[], { title, unit }: { title: string; unit: string }): string {
  const steps = events.filter((event) => event.type === 'step-end');
  const evaluations = events.filter((event) => event.type === 'eval-end');
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const kinds = { domain: ['each step', 'running mean', 'held out'], range: ['#c6d4e8', '#3b6fb6', '#d1495b'] };
  const window = Math.max(1, Math.round(steps.length / 20));
  const svg = Plot.plot({
    document,
    width: 760,
    height: 420,
    marginLeft: 50,
    style: { background: 'white', color: '#222', fontFamily: 'system-ui, sans-serif', fontSize: '12px' },
    x: { label: 'step', grid: true },
    y: { label: `loss, nats a ${unit}`, grid: true, nice: true },
    color: { ...kinds, legend: false },
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
      Plot.text([title], { frameAnchor: 'top', dy: -12, fontWeight: 'bold' }),
      ...kinds.domain.map((kind, index) =>
        Plot.text([`● ${kind}`], { frameAnchor: 'top-right', dy: 8 + 16 * index, dx: -4, fill: kinds.range[index]! }),
      ),
    ],
    marginTop: 34,
  });
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return `${svg.outerHTML}\n`;
}
