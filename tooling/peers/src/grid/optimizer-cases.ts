import type { Base } from './base.js';
import { applied, make } from './made.js';
import type { OtherCase } from './other-cases.js';
import { usualRecipe } from './recipe.js';
import { updateDifference, type UpdateOptions } from './step.js';

/** As optimizers.py has them. */
const optimizers: Record<string, UpdateOptions> = {
  'lora-plus': { loraPlusRatio: 4 },
  'lora-fa': { loraFa: true, weightDecay: 0 },
};

/** One step of PEFT's own optimisers, and ours. */
export function optimizerCases(base: Base): OtherCase[] {
  return Object.entries(optimizers).map(([optimizer, options]) => ({
    group: 'optimizer',
    name: `${base.name}/${optimizer}`,
    check: async (session) => {
      const made = await make(
        session,
        usualRecipe(base, { rank: 3, patterns: 'both', targets: 'attention' }),
        optimizer,
      );
      return applied(made, (manager) => updateDifference(session, made, manager, options));
    },
  }));
}
