import { rerank, updateSpectra, type Reranked, type UpdateFacts } from '@lowrank/combine';
import { rankForEnergy, type Adapter } from '@lowrank/core';
import { readPeft, writePeft } from '@lowrank/formats';
import { energyRanks } from '@lowrank/rank';
import { baseFor } from '../inputs/adapter-facts.js';
import { refuseExisting } from '../inputs/free-place.js';
import { adapterFolder } from '../inputs/hub-source.js';
import { reporter } from '../output/reporter.js';
import { usedReport } from '../output/used-text.js';
import { typed, wrongOption } from '../output/usage-error.js';
import type { RankFlags } from '../run/rank.js';
import { adapterPlan } from './adapter-plan.js';
import { heldOutLoss } from './held-out-loss.js';

/** What one module of a trained adapter uses of its ranks. */
export interface UsedRank extends Omit<UpdateFacts, 'scaling'> {
  path: string;
  /** The ranks that hold `--energy` of the update's squared norm. */
  used: number;
  /** The rank it was cut to, and `‖before - after‖ / ‖before‖`. */
  cut: number;
  error: number;
}

/** What training that keeps all but noise of an update leaves out. */
const usualEnergy = 0.99;

/** Prints what ranks an adapter uses, and writes it cut to them, or to a budget; with data, the loss before and after. */
export async function usedRanks(flags: RankFlags & { adapter: string }): Promise<void> {
  const out = reporter(flags.json ?? false);
  checkOptions(flags);
  const folder = await adapterFolder(flags.adapter, flags);
  const adapter = await readPeft(folder);
  const energy = flags.energy ?? usualEnergy;
  const facts = updateSpectra(adapter);
  const cut = cutAdapter(adapter, facts, { energy, parameters: flags.budgetParameters });
  const modules = cut.modules.map(({ path, rank: cutTo, error }): UsedRank => {
    const { scaling: _, ...rest } = facts.get(path) as UpdateFacts;
    return { path, ...rest, used: rankForEnergy(rest.spectrum, energy), cut: cutTo, error };
  });
  const losses =
    flags.data === undefined
      ? null
      : await heldOutLoss(
          { ...flags, data: flags.data, model: await baseFor(flags, flags), folder },
          { adapter, cut: cut.adapter },
        );
  if (flags.out !== undefined) await writePeft(flags.out, cut.adapter);
  const parameters = { before: countOf(adapter), after: countOf(cut.adapter) };
  const { config } = cut.adapter;
  out.event({ type: 'result', energy, parameters, losses, modules, config, out: flags.out ?? null });
  if (flags.json) return;
  for (const line of usedReport({ energy, parameters, losses, modules })) out.line(line);
  if (flags.out !== undefined) out.line(`\nadapter written to ${flags.out}`);
}

/** To the energy, module by module; or to what of all modules' fits best into a budget. */
function cutAdapter(
  adapter: Adapter,
  facts: ReadonlyMap<string, UpdateFacts>,
  { energy, parameters }: { energy: number; parameters: number | undefined },
): Reranked {
  if (parameters === undefined) return rerank(adapter, { energy });
  const evidence = new Map(
    Array.from(facts, ([path, { spectrum, norm }]) => [path, { values: spectrum, energy: norm ** 2 }]),
  );
  const ranks = typed(() => energyRanks({ parameters }).ranks(adapterPlan(adapter, facts), evidence));
  return rerank(adapter, { ranks });
}

function countOf({ tensors }: Adapter): number {
  return [...tensors.values()].reduce((sum, { data }) => sum + data.length, 0);
}

function checkOptions({
  out,
  overwrite,
  energy,
  by,
  budgetReduction,
  budgetMemory,
  budgetParameters,
  plots,
}: RankFlags): void {
  const foreign = Object.entries({
    '--by': by,
    '--budget-reduction': budgetReduction,
    '--budget-memory': budgetMemory,
    '--plots': plots,
  }).find(([, value]) => value !== undefined);
  if (foreign) {
    throw wrongOption({
      given: `${foreign[0]} with --adapter`,
      rule: 'it chooses ranks before training',
      fix: 'cut an adapter by --energy or --budget-parameters',
    });
  }
  if (energy !== undefined && budgetParameters !== undefined) {
    throw wrongOption({
      given: '--energy with --budget-parameters',
      rule: 'one of the two says how far to cut',
      fix: 'leave one away',
    });
  }
  if (out !== undefined) refuseExisting(out, overwrite);
}
