import { activationMoments, planAdapter } from '@lowrank/core';
import { perRank } from '@lowrank/efficiency';
import { LoraManager } from '@lowrank/manager';
import {
  activationSpectra,
  adaptiveRanks,
  energyRanks,
  gradientSpectra,
  largestRank,
  layerRanks,
  weightSpectra,
  withRanks,
} from '@lowrank/rank';
import { lowrankRank } from './lowrank-rank.mjs';

/** The rank that every module has with the method that others are held against. */
const uniformRank = 4;

/** What activations and gradients are taken over. */
const evidenceBatches = 4;

/**
 * Ways to spend the parameters of that rank. Each gives the adapter's plan, what allocates while it trains, and the
 * updates that choosing took.
 */
export const methods = {
  uniform: async (run) => ({ plan: planOf(run, uniformRank) }),

  /** Singular values of the frozen weights; shares, since weights have no unit in common. */
  weights: (run) => byEnergy(run, (plan) => weightSpectra(plan, run.model), { counts: 'share' }),

  /** EVA's explained variance of what goes into each module. */
  activations: (run) =>
    byEnergy(
      run,
      async ({ modules }) => {
        const paths = modules.map(({ path }) => path);
        const batches = Array.from({ length: evidenceBatches }, (_, index) => run.batches.at(index));
        const forward = (batch) => run.loss(batch);
        return activationSpectra(await activationMoments(run.model, { paths, batches, forward, counts: run.counts }));
      },
      { counts: 'share' },
    ),

  /** The gradient that full fine-tuning would begin with. */
  gradients: (run) =>
    byEnergy(run, async () => {
      const manager = new LoraManager(run.model);
      manager.add('evidence', planOf(run, 4 * uniformRank), { seed: run.seed });
      try {
        const source = { loss: run.loss, batches: run.batches, parameters: manager.parameters('evidence') };
        return await gradientSpectra(source, { steps: evidenceBatches });
      } finally {
        manager.dispose();
      }
    }),

  /** Begins with half as much again, and is pruned while it trains. */
  'adaptive, while training': async (run) => ({
    plan: planOf(run, 1.5 * uniformRank),
    allocator: adaptiveRanks({ parameters: factorParameters(planOf(run, uniformRank)) }),
  }),

  /** The largest ranks that save the same share of each weight, within the parameters. */
  layer: async (run) => {
    const uniform = planOf(run, uniformRank);
    const shares = uniform.modules.flatMap((module) => {
      const saved = (rank) => 100 * (1 - (rank * perRank(module)) / module.baseParameters);
      return Array.from({ length: largestRank(module) }, (_, at) => saved(at + 1));
    });
    const sized = (reductionPercent) => withRanks(uniform, layerRanks({ reductionPercent }).ranks(uniform, new Map()));
    const share = shares
      .filter((each) => each > 0)
      .toSorted((one, other) => one - other)
      .find((each) => factorParameters(sized(each)) <= factorParameters(uniform));
    return { plan: sized(share) };
  },

  adaptive: (run) => byCommand(run, 'adaptive'),
  probes: (run) => byCommand(run, 'probes'),
};

/** What `lowrank rank` makes of the same data, with its own usual options. */
async function byCommand(run, by) {
  const uniform = planOf(run, uniformRank);
  const budget = ['--budget-parameters', String(budgetOf(uniform).parameters)];
  const result = await lowrankRank([...run.search, '--by', by, ...budget, '--seed', String(run.seed)]);
  const ranks = new Map(uniform.modules.map(({ path }) => [path, 0]));
  for (const { path, rank } of result.modules) ranks.set(path, rank);
  return { plan: withRanks(uniform, ranks), updates: result.updates, chosen: result.probes[0]?.by };
}

export function factorParameters({ modules }) {
  return modules.reduce((total, module) => total + module.rank * perRank(module), 0);
}

function planOf({ task, model }, rank) {
  return planAdapter({ ...task.config, rank, alpha: 2 * rank }, model.modules());
}

async function byEnergy(run, evidenceOf, counting) {
  const uniform = planOf(run, uniformRank);
  const evidence = await evidenceOf(uniform);
  return { plan: withRanks(uniform, energyRanks(budgetOf(uniform), counting).ranks(uniform, evidence)) };
}

function budgetOf({ modules, extras }) {
  return { parameters: [...modules, ...extras].reduce((sum, { parameters }) => sum + parameters, 0) };
}
