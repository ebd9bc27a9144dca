import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

/** A plot as the text of an SVG file. */
export function svgPlot({ title, ...options }: Plot.PlotOptions & { title: string }): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const svg = Plot.plot({
    document,
    width: 760,
    height: 420,
    marginTop: 34,
    marginLeft: 50,
    style: { background: 'white', color: '#222', fontFamily: 'system-ui, sans-serif', fontSize: '12px' },
    ...options,
    marks: [...(options.marks ?? []), Plot.text([title], { frameAnchor: 'top', dy: -18, fontWeight: 'bold' })],
  });
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return `${svg.outerHTML}\n`;
}
