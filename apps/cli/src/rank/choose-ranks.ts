import type { AdapterPlan } from '@lowrank/core';
import { planCost } from '@lowrank/efficiency';
import { writeFileAtomic } from '@lowrank/formats';
import { energyRanks, evenRanks, largestRank, withRanks, type Evidence } from '@lowrank/rank';
import { existsSync } from 'node:fs';
import { planFromFlags } from '../inputs/lora.js';
import { outlineFor } from '../inputs/outline.js';
import { rankReport } from '../output/rank-text.js';
import { reporter, type Reporter } from '../output/reporter.js';
import { typed, wrongOption } from '../output/usage-error.js';
import type { RankFlags } from '../run/rank.js';
import { findsAllSoon, noEffectiveRank } from './all-values.js';
import { rankedByRun } from './adaptive-run.js';
import { budgetOf, type Budgeted } from './budget.js';
import { evidenceOf } from './evidence.js';
import { openSubject } from './open-subject.js';
import type { RankMethod } from './rank-methods.js';
import { rankFacts } from './rank-facts.js';
import { probedRanks, type ProbeFacts } from './probed-ranks.js';
import { writeRankPlots } from './write-plots.js';

type ChooseFlags = RankFlags & { model: string };

/** Prints the ranks that a budget comes to, and writes them as options of `lowrank train`. */
export async function chooseRanks(flags: ChooseFlags): Promise<void> {
  const out = reporter(flags.json ?? false);
  const by = flags.by ?? (flags.data ? 'adaptive' : 'even');
  checkOptions(flags, by);
  const budgeted = await budgetOf(flags, by);
  const { plan, evidence, sized, probes, updates } = { ...nothingTried, ...(await sizedBy(flags, by, budgeted, out)) };
  const cost = planCost(sized);
  const options = optionsOf(flags, sized);
  const modules = rankFacts(sized, evidence);
  if (flags.out !== undefined) {
    await writeFileAtomic(flags.out, new TextEncoder().encode(`${JSON.stringify(options, null, 2)}\n`));
  }
  const plots = flags.plots === undefined ? [] : await writeRankPlots(flags.plots, { plan, sized, evidence, by });
  const { config } = sized;
  const warnings = [...sized.warnings, ...(by === 'weights' && !findsAllSoon(plan) ? [noEffectiveRank(plan)] : [])];
  out.event({
    type: 'result',
    by,
    ...cost,
    modules,
    config,
    options,
    warnings,
    probes,
    updates,
    out: flags.out ?? null,
    plots,
  });
  if (flags.json) return;
  for (const line of rankReport({ by, cost, modules, warnings })) out.line(line);
  if (flags.out !== undefined) out.line(`\noptions of lowrank train written to ${flags.out}`);
  for (const path of plots) out.line(`plot written to ${path}`);
}

/** What methods that train nothing leave out. */
const nothingTried = { evidence: new Map() as Evidence, probes: [] as ProbeFacts[], updates: 0 };

async function sizedBy(flags: ChooseFlags, by: RankMethod, budgeted: Budgeted, out: Reporter) {
  if (by === 'probes') return probedRanks(flags, budgeted, out);
  if (by === 'adaptive') return rankedByRun(flags, budgeted, out);
  const { plan, evidence } = await lookedAt(flags, by, budgeted, out);
  const strategy = budgeted(by === 'even' ? evenRanks : (budget) => energyRanks(budget, { counts: countsOf(by) }));
  const ranks = typed(() => strategy.ranks(plan, evidence));
  return { plan, evidence, sized: withRanks(plan, ranks) };
}

/** Directions of inputs and weights have no unit in common, so each module's are shares; gradients are of one loss. */
function countsOf(by: RankMethod): 'energy' | 'share' {
  return by === 'gradients' ? 'energy' : 'share';
}

async function lookedAt(
  flags: ChooseFlags,
  by: RankMethod,
  budgeted: Budgeted,
  out: Reporter,
): Promise<{ plan: AdapterPlan; evidence: Evidence }> {
  if (by === 'even' || by === 'layer') {
    const { modules } = await outlineFor(flags.model, flags);
    const taskType = flags.task === 'classify' ? 'SEQ_CLS' : 'CAUSAL_LM';
    return { plan: planFromFlags(flags, modules, { model: flags.model, taskType }), evidence: new Map() };
  }
  const subject = await openSubject(flags);
  using _ = subject.model;
  const { plan } = subject;
  const evenly = typed(() => budgeted(evenRanks).ranks(plan, new Map()));
  const ceiling = Math.max(8, 4 * Math.max(...evenly.values()));
  const most = new Map(plan.modules.map((module) => [module.path, Math.min(ceiling, largestRank(module))]));
  const onProgress = ({ done, total }: { done: number; total: number }) =>
    out.progress(`looking at ${by}: ${done} of ${total}`, done === total ? `looked at ${by}` : undefined);
  const { steps, seed } = flags;
  const all = findsAllSoon(plan);
  return { plan, evidence: await evidenceOf(subject, plan, { by, most, steps, seed, all, onProgress }) };
}

/** What `lowrank train` takes for such an adapter, by the names of its options. */
function optionsOf({ model, targets, exclude, rslora, dropout, init }: ChooseFlags, { config }: AdapterPlan) {
  const { rank, alpha, rankPattern, alphaPattern } = config;
  const expression = (names: string | string[]) =>
    typeof names === 'string' && names.toLowerCase() !== 'all-linear' ? `/${names}/` : names;
  return {
    model,
    rank,
    alpha,
    targets: expression(targets),
    ...(exclude === undefined ? {} : { exclude: expression(exclude) }),
    ...(Object.keys(rankPattern).length > 0 && { rankPattern }),
    ...(Object.keys(alphaPattern).length > 0 && { alphaPattern }),
    ...(rslora && { rslora }),
    dropout,
    init,
  };
}

function checkOptions({ energy, data, out, overwrite = false }: ChooseFlags, by: RankMethod): void {
  if (energy !== undefined) {
    throw wrongOption({ given: '--energy without --adapter', rule: 'it cuts an adapter', fix: 'add --adapter' });
  }
  if (data === undefined && ['gradients', 'activations', 'adaptive', 'probes'].includes(by)) {
    throw wrongOption({ given: `--by ${by} without --data`, rule: 'it looks at data', fix: 'add --data' });
  }
  if (out === undefined || overwrite || !existsSync(out)) return;
  throw wrongOption({
    given: `--out ${out}`,
    rule: 'it is there already',
    fix: 'name another file, or add --overwrite',
  });
}
