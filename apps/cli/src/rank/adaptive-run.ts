import type { Adapter, AdapterPlan } from '@lowrank/core';
import { planCost } from '@lowrank/efficiency';
import { LoraManager } from '@lowrank/manager';
import {
  adaptiveRanks,
  compactAdapter,
  energyRanks,
  evenRanks,
  factorRoom,
  largestRank,
  withRanks,
  type Evidence,
} from '@lowrank/rank';
import { train } from '@lowrank/trainer';
import { tidy } from '@tensorflow/tfjs-core';
import { rankIn } from '../inputs/rank-in.js';
import type { Reporter } from '../output/reporter.js';
import { typed } from '../output/usage-error.js';
import type { RankFlags } from '../run/rank.js';
import type { Budgeted } from './budget.js';
import { openSubject, type Subject } from './open-subject.js';

export interface AdaptiveRun {
  plan: AdapterPlan;
  sized: AdapterPlan;
  /** Updates that it took. */
  updates: number;
}

/**
 * The ranks that a short run with adaptive ranks ends with. It begins with half as many again as the budget pays for, and
 * what it learns is thrown away.
 */
export async function rankedByRun(
  flags: RankFlags & { model: string },
  budgeted: Budgeted,
  out: Reporter,
): Promise<AdaptiveRun> {
  const subject = await openSubject(flags);
  using _ = subject.model;
  const { plan } = subject;
  const evenly = typed(() => budgeted(evenRanks).ranks(plan, new Map()));
  const more = new Map(
    plan.modules.map((module) => [module.path, Math.min(largestRank(module), grown(evenly.get(module.path)!))]),
  );
  const [even, began] = [withRanks(plan, evenly), withRanks(plan, more)];
  // What even ranks leave of a budget pays for no further component of some module.
  const room = roomOf(even);
  // Where the budget pays for every component there is nothing to choose.
  if (room >= roomOf(began)) return { plan, sized: even, updates: 0 };
  const { tensors } = await pruned(subject, began, room, { flags, out });
  const kept = keptAsEvidence(plan, tensors);
  const ranks = typed(() => budgeted((budget) => energyRanks(budget, { least: 0 })).ranks(plan, kept));
  return { plan, sized: withRanks(plan, ranks), updates: flags.updates };
}

const grown = (rank: number) => Math.ceil(1.5 * rank);

/** What A and B take. */
const roomOf = (plan: AdapterPlan) => factorRoom(plan, { parameters: planCost(plan).adapterParameters });

async function pruned(
  { model, loss, batches }: Subject,
  plan: AdapterPlan,
  room: number,
  { flags: { seed, updates: steps, learningRate }, out }: { flags: RankFlags; out: Reporter },
): Promise<Adapter> {
  using manager = new LoraManager(model);
  manager.add('probe', plan, { seed });
  const parameters = manager.parameters('probe');
  const allocator = adaptiveRanks({ parameters: room });
  typed(() => tidy(() => void allocator.init(parameters, steps)));
  for await (const event of train({ parameters, loss, batches, seed, allocator, steps, learningRate })) {
    if (event.type !== 'step-end') continue;
    const text = `update ${event.step} of ${steps}: loss ${event.loss.toFixed(4)}`;
    out.progress(text, event.step === steps ? text : undefined);
  }
  return compactAdapter(await manager.adapter('probe'), plan);
}

/** Each component that was kept counts as one: all of them, or in a budget of memory as many as fit. */
function keptAsEvidence({ modules }: AdapterPlan, tensors: Adapter['tensors']): Evidence {
  const ones = (count: number) => ({ values: Array.from({ length: count }, () => 1), energy: count });
  return new Map(modules.map(({ path }) => [path, ones(rankIn(tensors, path))]));
}
