import type { ActivationMoments } from '../activations/activation-moments.js';
import { LowrankError } from '../errors/lowrank-error.js';
import type { AdapterPlan } from '../plan/adapter-plan.js';
import { principalComponents } from './eva.js';

/**
 * A rank for each module of a plan, by path, as EVA hands them out: of the shares of the variance that directions
 * explain, pooled over all modules, the largest count, as many as the plan has ranks; a module gets at most `rho` times
 * its own, and perhaps 0. PEFT's counts; of two equal shares the one of the module that comes first.
 *
 * @param rho 1 or more; 1 leaves the ranks as they are
 * @throws `config-invalid` for another rho, and for a module without moments
 * @see Paischer et al. 2024, https://arxiv.org/abs/2410.07170, section 3.3
 */
export function evaRanks(
  { modules }: AdapterPlan,
  moments: ReadonlyMap<string, ActivationMoments>,
  { rho = 2 }: { rho?: number } = {},
): Map<string, number> {
  if (!(rho >= 1)) throw invalid(`rho: ${rho}`, 'a module gets up to rho times its rank', 'give 1 or more');
  const most = new Map<ActivationMoments, number>();
  for (const { path, rank, in: size } of modules) {
    const own = moments.get(path);
    if (!own)
      throw invalid(`no moments of "${path}"`, 'shares are weighed against each other', 'give those of each module');
    most.set(own, Math.max(most.get(own) ?? 0, Math.min(Math.round(rank * rho), size)));
  }
  const shares = new Map(Array.from(most, ([own, count]) => [own, sharesOf(own, count)]));
  const pooled = modules.flatMap(({ path }) => shares.get(moments.get(path)!)!.map((share) => ({ path, share })));
  const budget = modules.reduce((sum, { rank }) => sum + rank, 0);
  const ranks = new Map(modules.map(({ path }) => [path, 0]));
  for (const { path } of pooled.toSorted((left, right) => right.share - left.share).slice(0, budget)) {
    ranks.set(path, ranks.get(path)! + 1);
  }
  return ranks;
}

function sharesOf(moments: ActivationMoments, count: number): number[] {
  const { variances, total } = principalComponents(moments, count);
  return variances.map((variance) => (total === 0 ? 0 : variance / total));
}

function invalid(given: string, rule: string, fix: string): LowrankError {
  return new LowrankError('config-invalid', { given, rule, fix });
}
