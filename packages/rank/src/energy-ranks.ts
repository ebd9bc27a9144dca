import { LowrankError, nearest, type AdapterPlan } from '@lowrank/core';
import { perRank } from '@lowrank/efficiency';
import { allocate, type Choice } from './allocate.js';
import { budgetText, type Budget } from './budget.js';
import { checkSpectrum } from './check-spectrum.js';
import { largestRank, smallestRank } from './rank-range.js';
import { roomAbove } from './room.js';
import type { Evidence, RankStrategy, Spectrum } from './strategy.js';

export interface EnergyRanksOptions {
  /**
   * What counts: `energy`, the squared singular values as they are, where spectra are of one unit, as gradients are;
   * `share`, each as a part of its module's own, as EVA does with activations. Default `energy`.
   */
  counts?: 'energy' | 'share' | undefined;
  /**
   * The smallest rank of a module; 0 lets modules go without an adapter, though what they train beside factors still
   * counts. Default 1.
   */
  least?: 0 | 1 | undefined;
}

/**
 * The ranks that take up most of the evidence's energy within a budget: `max Σₘ Σ_{i ≤ rₘ} σₘᵢ²` with
 * `Σₘ rₘ (inₘ + outₘ)` within it, or what a step holds with them within memory, solved exactly. A module gets no rank that its spectrum shows no energy for.
 *
 * Throws, when asked for ranks, `config-invalid` for a budget that cannot be, with the nearest that can, and for a
 * spectrum that is missing or none; `not-finite`.
 *
 * @see Paischer et al. 2024, https://arxiv.org/abs/2410.07170, section 3.3 (EVA), which orders all shares greedily
 */
export function energyRanks(budget: Budget, { counts = 'energy', least = 1 }: EnergyRanksOptions = {}): RankStrategy {
  return {
    name: 'energy',
    ranks(plan, evidence) {
      const spectra = plan.modules.map(({ path }) => spectrumOf(evidence, path));
      const smallest = plan.modules.map((module) => least * smallestRank(module));
      const limits = roomAbove(plan, budget, (module) => least * smallestRank(module));
      const choices = plan.modules.map((module, at): Choice => {
        const step = smallestRank(module);
        const shown = shares(spectra[at]!, counts).slice(smallest[at], largestRank(module));
        return { costs: limits.map(({ costs }) => step * costs[at]!), gains: inSteps(shown, step) };
      });
      const more = allocate(
        choices,
        limits.map(({ room }) => room),
      );
      const rankAt = (at: number) => smallest[at]! + more[at]! * smallestRank(plan.modules[at]!);
      const ranks = new Map(plan.modules.map(({ path }, at) => [path, rankAt(at)]));
      if (![...ranks.values()].some((rank) => rank > 0)) throw nothingPaidFor(plan, budget);
      return ranks;
    },
  };
}

function spectrumOf(evidence: Evidence, path: string): Spectrum {
  const spectrum = evidence.get(path);
  if (spectrum) return checkSpectrum(path, spectrum);
  throw new LowrankError('config-invalid', {
    given: `no spectrum of "${path}"`,
    rule: 'energies are weighed against each other, so each module of the plan needs its own',
    fix: evidence.size === 0 ? 'give one a module' : `nearest here: ${nearest(path, evidence.keys()).join(', ')}`,
  });
}

function shares({ values, energy }: Spectrum, counts: 'energy' | 'share'): number[] {
  const all = counts === 'share' && energy > 0 ? energy : 1;
  return values.map((value) => value ** 2 / all);
}

/** The gains of `step` ranks at a time. */
function inSteps(gains: number[], step: number): number[] {
  return Array.from({ length: Math.ceil(gains.length / step) }, (_, at) =>
    gains.slice(at * step, (at + 1) * step).reduce((sum, gain) => sum + gain, 0),
  );
}

function nothingPaidFor({ modules }: AdapterPlan, budget: Budget): LowrankError {
  const cheapest = Math.min(...modules.map((module) => smallestRank(module) * perRank(module)));
  return new LowrankError('config-invalid', {
    given: budgetText(budget),
    rule: 'it pays for no rank that the spectra show energy for',
    fix: `give more: the cheapest rank takes ${cheapest} parameters`,
  });
}
