import type { AdapterPlan, ModelOutline, ModuleInfo } from '@lowrank/core/plan';
import { perRank } from '../per-rank.js';
import type { Advice } from './advice.js';

/** Targets of which one pays this much more than another are worth a line. */
const worthSaying = 1.5;

/** What a plan's targets give reason to say. */
export function adviseTargets(outline: ModelOutline, plan: AdapterPlan): Advice[] {
  return [...feedForward(outline, plan), ...payingMost(plan)];
}

/** Where attention alone is adapted: the rank at which the feed-forward linears cost no more. */
function feedForward(outline: ModelOutline, plan: AdapterPlan): Advice[] {
  const linears = feedForwardLinears(outline);
  const adapted = new Set(plan.modules.map(({ path }) => path));
  if (linears.length === 0 || linears.some(({ path }) => adapted.has(path))) return [];
  const parameters = plan.modules.reduce((sum, module) => sum + module.rank * perRank(module), 0);
  const eachRank = linears.reduce((sum, { in: from = 0, out = 0 }) => sum + from + out, 0);
  const rank = Math.floor(parameters / eachRank);
  if (rank < 1) return [];
  const names = [...new Set(linears.map(({ path }) => nameOf(path)))];
  return [
    {
      code: 'feed-forward',
      text: `the feed-forward linears (${names.join(', ')}) at rank ${rank} cost no more, ${rank * eachRank} parameters: PEFT's benchmark has 49.4 % there and 47.8 % on queries and values`,
      figures: { rank, parameters: rank * eachRank },
    },
  ];
}

/** Linears right before or after an activation. */
function feedForwardLinears({ modules, pass }: ModelOutline): ModuleInfo[] {
  const paths = new Set(
    pass.blocks.flatMap((block) => {
      const activations = block.filter(({ op }) => activationOps.includes(op));
      const [into, outOf] = [activations.flatMap(({ from }) => from), activations.flatMap(({ to }) => to)];
      const beside = block.filter(
        ({ from, to }) => into.includes(to[0] as string) || outOf.includes(from[0] as string),
      );
      return beside.flatMap(({ op, path }) => (op === 'module' && path !== undefined ? path : []));
    }),
  );
  return modules.filter(({ path, kind }) => kind === 'linear' && paths.has(path));
}

const activationOps = ['gelu', 'swiglu', 'tanh', 'relu', 'silu', 'quick-gelu'];

/** Which targets have the most weights of the base for one parameter of theirs. */
function payingMost({ modules }: AdapterPlan): Advice[] {
  const groups = new Map<string, { weights: number; parameters: number }>();
  for (const { path, baseParameters, parameters } of modules) {
    const name = nameOf(path);
    const group = groups.get(name) ?? { weights: 0, parameters: 0 };
    groups.set(name, {
      weights: group.weights + baseParameters,
      parameters: group.parameters + parameters,
    });
  }
  const ranked = Array.from(groups, ([name, { weights, parameters }]) => ({ name, pays: weights / parameters })).sort(
    (left, right) => right.pays - left.pays,
  );
  const [best, worst] = [ranked[0], ranked.at(-1)];
  if (!best || !worst || best.pays < worthSaying * worst.pays) return [];
  return [
    {
      code: 'targets-pay',
      text: `a parameter steers ${best.pays.toFixed(1)} weights on ${best.name} and ${worst.pays.toFixed(1)} on ${worst.name}: where few may be trained, spend them there first`,
      figures: { best: best.pays, worst: worst.pays },
    },
  ];
}

/** A path without the number of its layer and what comes before. */
const nameOf = (path: string) => path.replace(/^.*\.\d+\./, '');
