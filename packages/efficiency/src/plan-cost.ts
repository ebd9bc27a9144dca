import type { AdapterPlan, PlannedModule } from '@lowrank/core/plan';
import { compared, type ParameterEfficiency } from './parameter-efficiency.js';

/** One adapted module of a plan with what it costs. */
export type ModuleCost = ParameterEfficiency &
  Pick<PlannedModule, 'path' | 'in' | 'out' | 'rank' | 'alpha' | 'scaling'> & {
    /** Bytes of the module's factors in float32. */
    adapterBytes: number;
  };

/** What a plan costs. `baseParameters` counts the whole frozen model, adapted modules or not. Bytes are of memory. */
export interface PlanCost extends ParameterEfficiency {
  /** Bytes of the frozen model as it is held. */
  baseBytes: number;
  /** Bytes of all that the adapter trains in float32: factors, and what is saved whole or in its bias only. */
  adapterBytes: number;
  /** Bytes of the adapter's gradients in float32. */
  gradientBytes: number;
  /** Bytes of AdamW's two moments in float32. */
  optimizerBytes: number;
  /** Base, adapter, gradients and optimiser: what training needs before the activations of a batch. */
  trainingBytes: number;
  modules: ModuleCost[];
}

const float32Bytes = 4;

/** The cost of a plan, module by module and in total, without loading a weight. */
export function planCost({ base, modules, extras }: AdapterPlan): PlanCost {
  const adapterParameters = [...modules, ...extras].reduce((sum, { parameters }) => sum + parameters, 0);
  const adapterBytes = adapterParameters * float32Bytes;
  return {
    ...compared(base.parameters, adapterParameters),
    baseBytes: base.bytes,
    adapterBytes,
    gradientBytes: adapterBytes,
    optimizerBytes: 2 * adapterBytes,
    trainingBytes: base.bytes + 4 * adapterBytes,
    modules: modules.map(moduleCost),
  };
}

function moduleCost({
  path,
  in: from,
  out,
  rank,
  alpha,
  scaling,
  parameters,
  baseParameters,
}: PlannedModule): ModuleCost {
  const efficiency = compared(baseParameters, parameters);
  return { path, in: from, out, rank, alpha, scaling, ...efficiency, adapterBytes: parameters * float32Bytes };
}
