import { loraConfig, LowrankError, type AdapterPlan, type ModelOutline } from '@lowrank/core/plan';
import { perRank } from './per-rank.js';

/** The same plan at another rank throughout. Throws `config-invalid` for a rank that is no whole number of 1 or more. */
export function withRank(plan: AdapterPlan, rank: number): AdapterPlan {
  const config = { ...loraConfig({ ...plan.config, rank }), rankPattern: {} };
  const modules = plan.modules.map((module) => {
    const rest = module.parameters - module.rank * perRank(module);
    return { ...module, rank, parameters: rank * perRank(module) + rest };
  });
  return { ...plan, config, modules };
}

/** What full fine-tuning trains: every weight and bias of the model, in float32. */
export function fullFineTuning({ modules }: ModelOutline): AdapterPlan {
  const parameters = modules.reduce((sum, module) => sum + module.parameters, 0);
  if (parameters === 0) throw empty();
  return {
    config: loraConfig({ targetModules: 'all-linear', taskType: null }),
    modules: [],
    extras: modules.map(({ path, kind, parameters }) => ({ path, kind, trains: 'module', parameters })),
    // What is trained is the model itself: nothing frozen lies beside it.
    base: { parameters, bytes: 0 },
    warnings: [],
  };
}

function empty(): LowrankError {
  return new LowrankError('config-invalid', {
    given: 'full fine-tuning of an outline without parameters',
    rule: 'there must be something to train',
    fix: 'take the outline of a model',
  });
}
