import type { AdapterPlan, ModelOutline } from '@lowrank/core/plan';
import type { Workload } from './workload.js';
import { reaches } from './tape/tape.js';
import { traceStep, type StepTrace } from './tape/trace-step.js';

/** Floating-point operations of products alone, a multiply and an add each: the work that decides a step's time. */
export interface FlopCount {
  /** The forward pass of the base: what a merged adapter's costs too. */
  merged: number;
  /** The forward pass with the adapter beside the base. */
  unmerged: number;
  /** The gradients of inputs and of what is trained; of a frozen weight there is none. */
  backward: number;
  /** Forward and backward. */
  step: number;
}

export interface StepFlops extends FlopCount {
  /** Attention's share, scores that a causal mask hides included. */
  attention: FlopCount;
  /** Each linear's share, by path. */
  modules: Map<string, FlopCount>;
}

/** The work of a batch, without loading a weight. Throws `config-invalid` for a batch that cannot be. */
export function stepFlops(outline: ModelOutline, plan: AdapterPlan, workload: Workload): StepFlops {
  return flopsOf(traceStep(outline, plan, workload, workload.kernels), workload);
}

/** @param hidden whether scores that a kernel leaves out count too */
export function flopsOf({ tape }: StepTrace, { checkpointing }: Workload, hidden = true): StepFlops {
  const [total, attention] = [zero(), zero()];
  const modules = new Map<string, FlopCount>();
  for (const recorded of tape.nodes) {
    const { node, learns, at } = recorded;
    const { flops } = node;
    if (!flops) continue;
    const { base = 0, adapter = 0, inputs: ofInputs = 0, trained = 0 } = flops;
    const again = checkpointing && learns ? base + adapter : 0;
    const backward = (reaches(recorded) ? ofInputs : 0) + (learns ? trained : 0) + again;
    const own = at.path === undefined ? attention : (modules.get(at.path) ?? zero());
    if (at.path !== undefined) modules.set(at.path, own);
    const share = hidden ? 1 : (node.attention?.seen ?? 1);
    for (const count of [total, own]) {
      count.merged += share * base;
      count.unmerged += share * (base + adapter);
      count.backward += share * backward;
      count.step += share * (base + adapter + backward);
    }
  }
  return { ...total, attention, modules };
}

const zero = (): FlopCount => ({ merged: 0, unmerged: 0, backward: 0, step: 0 });
