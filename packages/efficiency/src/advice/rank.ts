import { scalingOf, type AdapterPlan } from '@lowrank/core/plan';
import { perRank } from '../per-rank.js';
import type { Advice } from './advice.js';

/** An adapter of more than this share of the base is hardly a small one. */
const largeShare = 0.1;

/** From this rank on alpha / rank makes updates so small that rank brings little. */
const highRank = 32;

/** What a plan's ranks give reason to say. */
export function adviseRank({ config, modules, extras, base }: AdapterPlan): Advice[] {
  const parameters = [...modules, ...extras].reduce((sum, module) => sum + module.parameters, 0);
  const beyond = modules.filter((module) => module.rank * perRank(module) >= module.baseParameters);
  const share = parameters / base.parameters;
  const rank = Math.max(0, ...modules.map((module) => module.rank));
  const advice: Advice[] = [];
  if (beyond.length > 0) {
    const wasted = beyond.reduce((sum, module) => sum + module.rank * perRank(module), 0);
    const most = Math.min(...beyond.map((module) => Math.ceil(module.baseParameters / perRank(module)) - 1));
    advice.push({
      code: 'rank-beyond-need',
      text: `${beyond.length} modules get factors as large as their weight, ${wasted} parameters: rank ${most} is the most that saves any`,
      figures: { modules: beyond.length, parameters: wasted, rank: most },
    });
  }
  if (share > largeShare) {
    advice.push({
      code: 'large-adapter',
      text: `the adapter is ${(100 * share).toFixed(1)} % of the base: adapters learn as well as full fine-tuning with 1 % and less`,
      figures: { share, parameters },
    });
  }
  if (rank >= highRank && !config.useRslora) {
    const { alpha } = modules.find((module) => module.rank === rank) as { alpha: number };
    const [now, then] = [scalingOf({ rank, alpha, useRslora: false }), scalingOf({ rank, alpha, useRslora: true })];
    advice.push({
      code: 'rslora',
      text: `at rank ${rank} scale by alpha / sqrt(rank), ${shown(then)} in place of ${shown(now)}: PEFT's benchmark has 51.3 % with it and 47.4 % without at rank 64`,
      figures: { rank, scaling: now, rsloraScaling: then },
    });
  }
  return advice;
}

const shown = (value: number) => String(Number(value.toPrecision(3)));
