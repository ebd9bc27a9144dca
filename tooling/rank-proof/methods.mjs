import { activationMoments, planAdapter } from '@lowrank/core';
import { perRank } from '@lowrank/efficiency';
import { LoraManager } from '@lowrank/manager';
import {
  activationSpectra,
  adaptiveRanks,
  energyRanks,
  gradientSpectra,
  successiveHalving,
  weightSpectra,
  withRanks,
} from '@lowrank/rank';
import { runTo } from './run-to.mjs';

/** The rank that every module has with the method that others are held against. */
const uniformRank = 4;

/** What activations and gradients are taken over. */
const evidenceBatches = 4;

/**
 * Ways to spend the parameters of that rank. Each gives the adapter's plan, or a run that goes on, and the updates that
 * choosing took.
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

  /** Begins with half as much again. */
  adaptive: async (run) => ({
    plan: planOf(run, 1.5 * uniformRank),
    allocator: adaptiveRanks({ parameters: factorParameters(planOf(run, uniformRank)) }),
  }),

  /** Four patterns that people try, the best by what short runs say. */
  probes: async (run) => {
    const uniform = planOf(run, uniformRank);
    const only = (pattern) => spent(uniform, (module) => (pattern.test(module.path) ? 1 : 0));
    const layers = uniform.modules.map(({ path }) => layerOf(path));
    const depth = Math.max(...layers) + 1;
    const candidates = {
      uniform,
      attention: only(/attn|attention/),
      'feed-forward': only(/mlp|intermediate|layer\.\d+\.output/),
      'late layers': spent(uniform, ({ path }) => (layerOf(path) + 1) / depth),
    };
    let updates = 0;
    const [best] = await successiveHalving({
      candidates: Object.entries(candidates),
      steps: Math.round(run.steps / 8),
      probe: async ({ candidate: [, plan], steps, resumeFrom }) => {
        const manager = new LoraManager(run.model);
        manager.add('probe', plan, { seed: run.seed });
        updates += steps - (resumeFrom?.step ?? 0);
        const checkpoint = await runTo(steps, run, { manager, resume: resumeFrom });
        const loss = await run.validate();
        manager.dispose();
        return { loss, run: checkpoint };
      },
    });
    const [chosen, plan] = best.candidate;
    return { plan, resume: best.run, updates: updates - best.run.step, chosen };
  },
};

export function factorParameters({ modules }) {
  return modules.reduce((total, module) => total + module.rank * perRank(module), 0);
}

function planOf({ task, model }, rank) {
  return planAdapter({ ...task.config, rank, alpha: 2 * rank }, model.modules());
}

async function byEnergy(run, evidenceOf, counting) {
  const uniform = planOf(run, uniformRank);
  const evidence = await evidenceOf(uniform);
  const budget = { parameters: uniform.modules.reduce((sum, { parameters }) => sum + parameters, fixedOf(uniform)) };
  return { plan: withRanks(uniform, energyRanks(budget, counting).ranks(uniform, evidence)) };
}

function fixedOf({ extras }) {
  return extras.reduce((sum, { parameters }) => sum + parameters, 0);
}

/** The parameters of `plan` in ranks about as `weightOf` has them, never more of them. */
function spent(plan, weightOf) {
  const budget = factorParameters(plan);
  const ranks = new Map(plan.modules.map(({ path }) => [path, 0]));
  let left = budget;
  for (;;) {
    const next = plan.modules
      .filter((module) => weightOf(module) > 0 && perRank(module) <= left)
      .toSorted((one, other) => need(other) - need(one))[0];
    if (!next) return withRanks(plan, ranks);
    ranks.set(next.path, ranks.get(next.path) + 1);
    left -= perRank(next);
  }
  function need(module) {
    return weightOf(module) / (ranks.get(module.path) + 1);
  }
}

function layerOf(path) {
  return Number(/\d+/.exec(path)[0]);
}
