import * as Plot from '@observablehq/plot';
import { svgPlot } from './svg-plot.js';

export interface StepPlotOptions {
  title: string;
  /** What the vertical axis shows, with its unit; the horizontal one shows steps. */
  y: string;
  marks: Plot.Markish[];
  /** Names and colours of what is drawn, told in the corner; none for a single line. */
  kinds?: { domain: string[]; range: string[] };
}

/** A plot over the steps of a run as an SVG that stands alone. */
export function stepPlot({ title, y, marks, kinds }: StepPlotOptions): string {
  return svgPlot({
    title,
    x: { label: 'step', grid: true },
    y: { label: y, grid: true, nice: true },
    ...(kinds && { color: { ...kinds, legend: false } }),
    marks: [
      ...marks,
      ...(kinds?.domain ?? []).map((kind, index) =>
        Plot.text([`● ${kind}`], { frameAnchor: 'top-right', dy: 8 + 16 * index, dx: -4, fill: kinds!.range[index]! }),
      ),
    ],
  });
}
