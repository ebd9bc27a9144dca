import type { PlanCost } from '@lowrank/efficiency';
import type { Quantise } from '@lowrank/models';
import type { PlanParts } from './plan-parts.js';
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

/** The parts as a table for people, adapted modules of the same name and shape in one row. */
export function partsTable({ modules, others }: PlanParts): string[] {
  const rows = new Map<string, { count: number; parameters: number; bytes: number; label: string[] }>();
  for (const { path, in: from, out, rank, scaling, adapterParameters, memory } of modules) {
    const name = path.replace(/\.\d+\./g, '.*.');
    const label = [name, `${from} x ${out}`, String(rank), String(Number(scaling.toPrecision(6)))];
    const { count, parameters, bytes } = rows.get(label.join()) ?? { count: 0, parameters: 0, bytes: 0 };
    const sums = { parameters: parameters + adapterParameters, bytes: bytes + memory.total };
    rows.set(label.join(), { label, count: count + 1, ...sums });
  }
  const lines = [...rows.values()].map(({ count, parameters, bytes, label }) => [
    ...label,
    String(count),
    countText(parameters),
    bytesText(bytes),
  ]);
  const rest = (name: string, parts: PlanParts['others'], count: string) => {
    const bytes = parts.reduce((sum, { memory }) => sum + memory.total, 0);
    return [name, '', '', '', count, '', bytesText(bytes)];
  };
  const [frozen, between] = [others.filter(({ path }) => path !== null), others.filter(({ path }) => path === null)];
  return table([
    ['module', 'in x out', 'rank', 'scaling', 'count', 'parameters', 'of the step'],
    ...lines,
    ...(frozen.length > 0 ? [rest('other modules', frozen, String(frozen.length))] : []),
    rest('attention and other ops', between, ''),
  ]);
}
