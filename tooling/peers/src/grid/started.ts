import { familyOf, type Base } from './base.js';
import { taskOf } from './recipe.js';
import { targetsOf } from './targets.js';

/** How factors may start that are computed, and one that is drawn and has neither of them zero. */
export const inits = ['pissa', 'pissa_niter_4', 'olora', 'orthogonal', 'eva'] as const;

/** The config of PEFT for an adapter that starts so, each with another option beside. */
export function startConfig(base: Base, init: string): Record<string, unknown> {
  const targets = targetsOf(base);
  return {
    r: 4,
    lora_alpha: 6,
    target_modules: init === 'eva' ? targets.two : targets.attention,
    init_lora_weights: init,
    use_rslora: init === 'olora',
    use_dora: init === 'orthogonal',
    ...(init === 'pissa' && { rank_pattern: targets.rankPattern }),
    fan_in_fan_out: familyOf(base) === 'gpt2',
    task_type: taskOf(base),
  };
}
