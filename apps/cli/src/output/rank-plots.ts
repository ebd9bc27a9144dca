import type { AdapterPlan } from '@lowrank/core';
import type { Evidence } from '@lowrank/rank';
import * as Plot from '@observablehq/plot';
import { svgPlot } from './svg-plot.js';

/** A point of a budget curve. */
export interface BudgetPoint {
  parameters: number;
  /** Of the energy of all spectra, from 0 to 1. */
  within: number;
  how: string;
}

/** Layers across, the modules of one name in a row, ranks as numbers and shades. */
export function ranksByLayer({ modules }: AdapterPlan): string {
  const cells = modules.map(({ path, rank }) => ({ ...placeOf(path), rank }));
  const names = [...new Set(cells.map(({ name }) => name))];
  const layers = [...new Set(cells.map(({ layer }) => layer))];
  return svgPlot({
    title: 'Rank by layer',
    width: Math.max(420, 180 + 44 * layers.length),
    height: 90 + 34 * names.length,
    marginBottom: 44,
    marginLeft: 150,
    x: { label: 'layer', domain: layers, axis: 'bottom' },
    y: { label: null, domain: names },
    color: { scheme: 'Blues', type: 'linear', domain: [0, Math.max(...cells.map(({ rank }) => rank)) * 1.6] },
    marks: [
      Plot.cell(cells, { x: 'layer', y: 'name', fill: 'rank', inset: 1 }),
      Plot.text(cells, { x: 'layer', y: 'name', text: 'rank', fill: '#111' }),
    ],
  });
}

/** What is smaller than this share of the largest is float32's rounding. */
const rounding = 1e-6;

/** The singular values of each module, each as a share of its largest. */
export function singularValues(evidence: Evidence, { of }: { of: string }): string {
  const points = [...evidence].flatMap(([path, { values }]) =>
    values
      .filter((value) => value > rounding * values[0]!)
      .map((value, at) => ({ path, name: placeOf(path).name, index: at + 1, value: value / values[0]! })),
  );
  return svgPlot({
    title: `Singular values of ${of}, by module`,
    marginRight: 150,
    x: { label: 'index', grid: true },
    y: { label: 'share of the largest', type: 'log', grid: true },
    color: { legend: false },
    marks: [
      Plot.line(points, { x: 'index', y: 'value', z: 'path', stroke: 'name', strokeOpacity: 0.7 }),
      ...legend([...new Set(points.map(({ name }) => name))]),
    ],
  });
}

/** What ranks take up within budgets. */
export function budgetCurve(points: BudgetPoint[], chosen: BudgetPoint): string {
  return svgPlot({
    title: 'Energy within the ranks, by budget',
    marginRight: 150,
    marginBottom: 40,
    x: { label: 'parameters', grid: true, nice: true },
    y: { label: 'share of the energy', grid: true, nice: true },
    color: { legend: false },
    marks: [
      Plot.line(points, { x: 'parameters', y: 'within', stroke: 'how', strokeWidth: 2 }),
      Plot.dot([chosen], { x: 'parameters', y: 'within', fill: '#d1495b', r: 5 }),
      ...legend([...new Set(points.map(({ how }) => how))]),
    ],
  });
}

/** `model.layers.3.self_attn.q_proj`: layer 3, `self_attn.q_proj`. */
function placeOf(path: string): { layer: string; name: string } {
  const [, layer, name] = /\.?(\d+)\.(.+)$/.exec(path) ?? [];
  return { layer: layer ?? '-', name: name ?? path };
}

function legend(names: string[]) {
  return names.map((name, at) =>
    Plot.text([name], {
      text: () => `● ${name}`,
      fill: () => name,
      frameAnchor: 'top-right',
      textAnchor: 'start',
      dx: 8,
      dy: 8 + 16 * at,
    }),
  );
}
