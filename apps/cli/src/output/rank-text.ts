import type { PlanCost } from '@lowrank/efficiency';
import type { RankFacts } from '../rank/rank-facts.js';
import type { RankMethod } from '../rank/rank-methods.js';
import { table } from './table.js';
import { bytesText, countText } from './units.js';

export interface RankReport {
  by: RankMethod;
  cost: PlanCost;
  modules: RankFacts[];
  warnings: string[];
}

/** Chosen ranks as lines for people. */
export function rankReport({ by, cost, modules, warnings }: RankReport): string[] {
  const ranks = modules.map(({ rank }) => rank);
  return [
    `chosen by     ${by}: ranks ${Math.min(...ranks)} to ${Math.max(...ranks)} on ${modules.length} modules`,
    `adapter       ${countText(cost.adapterParameters)} parameters, ${cost.reductionPercent.toFixed(2)} % fewer to train, ` +
      `${bytesText(cost.trainingBytes - cost.baseBytes)} with gradients and AdamW's moments`,
    ...warnings.map((warning) => `warning       ${warning}`),
    '',
    ...moduleRows(modules),
  ];
}

function moduleRows(modules: RankFacts[]): string[] {
  const shown = modules.some(({ spectrum }) => spectrum !== null);
  const effective = modules.some(({ spectrum }) => typeof spectrum?.effectiveRank === 'number');
  const heads = ['module', 'in x out', 'rank', 'alpha', 'parameters'];
  const rows = modules.map(({ path, in: from, out, rank, alpha, parameters, spectrum }) => [
    path,
    `${from} x ${out}`,
    String(rank),
    String(Number(alpha.toPrecision(6))),
    countText(parameters),
    ...(spectrum
      ? [
          `${(100 * spectrum.within).toFixed(1)} %`,
          spectrum.stableRank.toFixed(2),
          ...(effective ? [spectrum.effectiveRank?.toFixed(2) ?? ''] : []),
          String(spectrum.ninety ?? 'more'),
        ]
      : []),
  ]);
  const facts = ['energy within', 'stable rank', ...(effective ? ['effective rank'] : []), 'rank of 90 %'];
  return table([shown ? [...heads, ...facts] : heads, ...rows]);
}
