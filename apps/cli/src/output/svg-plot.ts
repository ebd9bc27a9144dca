import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

export interface SvgPlotOptions {
  title: string;
  /** What the vertical axis shows, with its unit; the horizontal one shows steps. */
  y: string;
  marks: Plot.Markish[];
  /** Names and colours of what is drawn, told in the corner; none for a single line. */
  kinds?: { domain: string[]; range: string[] };
}

/** A plot over the steps of a run as an SVG that stands alone. */
export function svgPlot({ title, y, marks, kinds }: SvgPlotOptions): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const svg = Plot.plot({
    document,
    width: 760,
    height: 420,
    marginLeft: 50,
    style: { background: 'white', color: '#222', fontFamily: 'system-ui, sans-serif', fontSize: '12px' },
    x: { label: 'step', grid: true },
    y: { label: y, grid: true, nice: true },
    ...(kinds && { color: { ...kinds, legend: false } }),
    marks: [
      ...marks,
      Plot.text([title], { frameAnchor: 'top', dy: -12, fontWeight: 'bold' }),
      ...(kinds?.domain ?? []).map((kind, index) =>
        Plot.text([`● ${kind}`], { frameAnchor: 'top-right', dy: 8 + 16 * index, dx: -4, fill: kinds!.range[index]! }),
      ),
    ],
    marginTop: 34,
  });
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return `${svg.outerHTML}\n`;
}
