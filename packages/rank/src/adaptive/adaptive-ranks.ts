import { LowrankError, type Parameter } from '@lowrank/core';
import {
  add,
  concat,
  mul,
  tensor,
  tidy,
  zerosLike,
  ones,
  type NamedTensorMap,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { budgetAt, type BudgetSchedule } from './budget-schedule.js';
import { factorPairs, type FactorPair } from './factor-pairs.js';
import { componentScores, nextImportance } from './importance.js';
import { keptComponents } from './kept-components.js';

export interface AdaptiveRanksOptions {
  /** The most parameters that A and B of all modules may have together in the end. */
  parameters: number;
  /** Updates before the first that prunes, 5 or more: by then every B has moved. Default 10 % of the run. */
  initialSteps?: number;
  /** Updates at the end, in which ranks stay as they are. Default 30 % of the run. */
  finalSteps?: number;
  /** Prune each so many updates; what is pruned grows anew in between. Default 2 % of the run. */
  every?: number;
}

/** What a run is at, before an update; see `train` of `@lowrank/trainer`. */
export interface AdaptiveStanding {
  step: number;
  steps: number;
  parameters: Parameter[];
  gradients: NamedTensorMap;
  state: NamedTensorMap;
}

/**
 * Ranks that are chosen while an adapter trains, as the `allocator` of `train`: all components (a column of A with its
 * row of B) begin, and the least important are pruned until the rest is within the budget. Pruning sets the row of B to
 * 0, as B starts, so a component may come back until the ranks are final. `compactAdapter` then takes the zeros away.
 *
 * The importance and the schedule are AdaLoRA's; its factors `P Λ Q` with a penalty to keep them orthogonal are not
 * needed for them. As in PEFT a component's score is a mean over its parameters, and so the budget counts parameters.
 *
 * @throws when a run begins: `config-invalid` for a budget or schedule that does not fit it, `config-unsupported`
 * @see Zhang et al. 2023, https://arxiv.org/abs/2303.10512
 */
export function adaptiveRanks(options: AdaptiveRanksOptions) {
  return {
    fingerprint: JSON.stringify(options),
    init: (parameters: Parameter[], steps: number): NamedTensorMap => {
      const pairs = factorPairs(parameters);
      checkBudget(pairs, options);
      scheduleOf(pairs, options, steps);
      return Object.fromEntries([
        ...factorsOf(pairs).flatMap(({ name, variable }) => [
          [sensitivityKey(name), zerosLike(variable)],
          [uncertaintyKey(name), zerosLike(variable)],
        ]),
        ...Object.entries(allKept(pairs)),
      ]);
    },
    observe: async ({ step, steps, parameters, gradients, state }: AdaptiveStanding): Promise<NamedTensorMap> => {
      const pairs = factorPairs(parameters);
      const schedule = scheduleOf(pairs, options, steps);
      const last = steps - schedule.finalSteps;
      const important = step < last ? importanceOf(pairs, gradients, state) : {};
      if (step > last) return {};
      const { every = Math.max(1, Math.round(0.02 * steps)) } = options;
      const prunes = step === last || (step > schedule.initialSteps && step % every === 0);
      const kept = prunes ? await keptOf(pairs, { ...state, ...important }, budgetAt(step, schedule)) : allKept(pairs);
      return { ...important, ...kept };
    },
    prune: (updated: NamedTensorMap, state: NamedTensorMap): NamedTensorMap => {
      const suffix = /\.(lora_B\.weight|lora_embedding_B)$/;
      return Object.fromEntries(
        Object.entries(updated).map(([name, value]) => {
          const kept = suffix.test(name) ? state[keptKey(name.replace(suffix, ''))] : undefined;
          return [name, kept ? mul(value, kept) : value];
        }),
      );
    },
  };
}

function importanceOf(pairs: FactorPair[], gradients: NamedTensorMap, state: NamedTensorMap): NamedTensorMap {
  return tidy(() => {
    const next: NamedTensorMap = {};
    for (const { name, variable } of factorsOf(pairs)) {
      const gradient = gradients[name];
      if (!gradient) continue;
      const { sensitivity, uncertainty } = nextImportance(importanceAt(state, name), variable, gradient);
      next[sensitivityKey(name)] = sensitivity;
      next[uncertaintyKey(name)] = uncertainty;
    }
    return next;
  });
}

async function keptOf(pairs: FactorPair[], state: NamedTensorMap, budget: number): Promise<NamedTensorMap> {
  const all = tidy(() =>
    concat(
      pairs.map(({ a, b }) => {
        const ofA = componentScores(importanceAt(state, a.name), a.variable.rank - 1);
        return add(ofA, componentScores(importanceAt(state, b.name), b.variable.rank - 2));
      }),
    ),
  );
  const scores = await all.data().finally(() => all.dispose());
  const costs = pairs.flatMap(({ rank, cost }) => Array.from({ length: rank }, () => cost));
  const kept = keptComponents(
    costs.map((cost, index) => ({ cost, score: scores[index]! })),
    budget,
  );
  let at = 0;
  return Object.fromEntries(
    pairs.map(({ path, rank }) => [keptKey(path), tensor(kept.slice(at, (at += rank)).map(Number), [rank, 1])]),
  );
}

/** Nothing is pruned by an update that follows. */
function allKept(pairs: FactorPair[]): NamedTensorMap {
  return Object.fromEntries(pairs.map(({ path, rank }) => [keptKey(path), ones([rank, 1])]));
}

function scheduleOf(pairs: FactorPair[], options: AdaptiveRanksOptions, steps: number): BudgetSchedule {
  const { parameters: to, initialSteps = Math.max(5, Math.round(0.1 * steps)) } = options;
  const { finalSteps = Math.round(0.3 * steps) } = options;
  if (initialSteps + finalSteps < steps) return { steps, initialSteps, finalSteps, from: allOf(pairs), to };
  throw new LowrankError('config-invalid', {
    given: `${initialSteps} updates before adaptive ranks are pruned and ${finalSteps} after, of ${steps}`,
    rule: 'some of the run must be left to prune in',
    fix: 'train for more steps, or give a smaller `initialSteps` or `finalSteps`',
  });
}

function checkBudget(
  pairs: FactorPair[],
  { parameters, initialSteps = 5, finalSteps = 0, every = 1 }: AdaptiveRanksOptions,
) {
  const whole = (value: number, least: number) => Number.isSafeInteger(value) && value >= least;
  if (!whole(initialSteps, 5)) throw invalid(`initialSteps: ${initialSteps}`, 'it is a whole number of 5 or more');
  if (!whole(finalSteps, 0)) throw invalid(`finalSteps: ${finalSteps}`, 'it is a whole number of 0 or more');
  if (!whole(every, 1)) throw invalid(`every: ${every}`, 'it is a whole number of 1 or more');
  const [least, all] = [Math.min(...pairs.map(({ cost }) => cost)), allOf(pairs)];
  if (whole(parameters, 1) && parameters >= least && parameters < all) return;
  const rule = `a run that begins with ${all} parameters in its factors can be pruned to ${least} up to ${all - 1}`;
  throw invalid(`a budget of ${parameters} parameters`, pairs.length > 0 ? rule : 'there are no factors to prune');
}

function invalid(given: string, rule: string): LowrankError {
  return new LowrankError('config-invalid', { given, rule, fix: 'give a value that fits' });
}

const allOf = (pairs: FactorPair[]) => pairs.reduce((total, { rank, cost }) => total + rank * cost, 0);
const factorsOf = (pairs: FactorPair[]) => pairs.flatMap(({ a, b }) => [a, b]);
const sensitivityKey = (name: string) => `sensitivity/${name}`;
const uncertaintyKey = (name: string) => `uncertainty/${name}`;
const keptKey = (path: string) => `kept/${path}`;

function importanceAt(state: NamedTensorMap, name: string) {
  return { sensitivity: state[sensitivityKey(name)] as Tensor, uncertainty: state[uncertaintyKey(name)] as Tensor };
}
