import type { AdapterPlan } from '@lowrank/core';
import { planCost } from '@lowrank/efficiency';
import { writeFileAtomic } from '@lowrank/formats';
import { energyRanks, evenRanks, withRanks, type Evidence } from '@lowrank/rank';
import { join } from 'node:path';
import { makeFolder } from '../output/make-folder.js';
import { budgetCurve, ranksByLayer, singularValues, type BudgetPoint } from '../output/rank-plots.js';
import { energyWithin } from './rank-facts.js';
import type { RankMethod } from './rank-methods.js';

export interface RankPlots {
  plan: AdapterPlan;
  sized: AdapterPlan;
  evidence: Evidence;
  by: RankMethod;
}

/** Writes the plots that there is something to show in, and gives their paths. */
export async function writeRankPlots(
  folder: string,
  { plan, sized, evidence: found, by }: RankPlots,
): Promise<string[]> {
  const evidence = by === 'gradients' ? found : asShares(found);
  await makeFolder(folder);
  const files: [string, string][] = [['ranks-by-layer.svg', ranksByLayer(sized)]];
  if (evidence.size > 0) {
    files.push(['singular-values.svg', singularValues(evidence, { of: by })]);
    files.push(['budget-curve.svg', budgetCurve(curve(plan, sized, evidence), point('chosen', sized, evidence))]);
  }
  for (const [name, svg] of files) await writeFileAtomic(join(folder, name), new TextEncoder().encode(svg));
  return files.map(([name]) => join(folder, name));
}

/** From the smallest ranks to twice the budget. */
function curve(plan: AdapterPlan, sized: AdapterPlan, evidence: Evidence): BudgetPoint[] {
  const ones = withRanks(plan, new Map(plan.modules.map(({ path }) => [path, 1])));
  const [least, chosen] = [planCost(ones).adapterParameters, planCost(sized).adapterParameters];
  const budgets = Array.from({ length: 21 }, (_, at) => Math.floor(least + ((2 * chosen - least) * at) / 20));
  return budgets.flatMap((parameters) => {
    const ranks = { even: evenRanks({ parameters }), chosen: energyRanks({ parameters }) };
    return Object.entries(ranks).map(([how, strategy]) =>
      point(how, withRanks(plan, strategy.ranks(plan, evidence)), evidence),
    );
  });
}

function point(how: string, plan: AdapterPlan, evidence: Evidence): BudgetPoint {
  const all = [...evidence.values()].reduce((sum, { energy }) => sum + energy, 0);
  const within = plan.modules.reduce((sum, { path, rank }) => sum + energyWithin(evidence.get(path)!.values, rank), 0);
  return { parameters: planCost(plan).adapterParameters, within: all === 0 ? 0 : within / all, how };
}

/** Each spectrum as shares of its own energy. */
function asShares(evidence: Evidence): Evidence {
  const share = (values: readonly number[], energy: number) =>
    values.map((value) => (energy > 0 ? value / Math.sqrt(energy) : 0));
  return new Map(
    Array.from(evidence, ([path, { values, energy }]) => [path, { values: share(values, energy), energy: 1 }]),
  );
}
