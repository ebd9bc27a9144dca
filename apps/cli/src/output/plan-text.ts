import type { PlanCost } from '@lowrank/efficiency';
import type { Quantise } from '@lowrank/models';
import { table } from './table.js';
import { bytesText, countText } from './units.js';

/** A plan's cost as lines for people. */
export function planText(cost: PlanCost, warnings: string[], quantise: Quantise | undefined): string[] {
  const ranks = [...new Set(cost.modules.map(({ rank }) => rank))].sort((left, right) => left - right);
  const scalings = [...new Set(cost.modules.map(({ scaling }) => Number(scaling.toPrecision(6))))];
  return [
    `base          ${countText(cost.baseParameters)} parameters, frozen, ${bytesText(cost.baseBytes)} in memory as ${quantise ?? 'float32'}`,
    `adapter       ${countText(cost.adapterParameters)} parameters on ${cost.modules.length} modules, ` +
      `rank ${ranks.join('/')}, scaling ${scalings.join('/')}, ${bytesText(cost.adapterBytes)}`,
    `reduction     ${cost.reductionPercent.toFixed(2)} % fewer to train (${cost.compression.toFixed(1)} times)`,
    `to train      ${bytesText(cost.trainingBytes)} with gradients and AdamW's moments, before a batch's activations`,
    ...warnings.map((warning) => `warning       ${warning}`),
  ];
}

/** The modules as a table for people, those of the same name and shape in one row. */
export function moduleTable(cost: PlanCost): string[] {
  const rows = new Map<string, { count: number; parameters: number; label: string[] }>();
  for (const { path, in: from, out, rank, scaling, adapterParameters } of cost.modules) {
    const name = path.replace(/\.\d+\./g, '.*.');
    const label = [name, `${from} x ${out}`, String(rank), String(Number(scaling.toPrecision(6)))];
    const row = rows.get(label.join()) ?? { count: 0, parameters: 0, label };
    rows.set(label.join(), { ...row, count: row.count + 1, parameters: row.parameters + adapterParameters });
  }
  const lines = [...rows.values()].map(({ count, parameters, label }) => [
    ...label,
    String(count),
    countText(parameters),
  ]);
  return table([['module', 'in x out', 'rank', 'scaling', 'count', 'parameters'], ...lines]);
}
