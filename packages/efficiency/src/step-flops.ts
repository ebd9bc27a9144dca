import type { AdapterPlan, ModelOutline } from '@lowrank/core';
import type { Workload } from './step-memory.js';
import { traceStep } from './tape/trace-step.js';

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
  const { tape } = traceStep(outline, plan, workload, workload.kernels);
  const [total, attention] = [zero(), zero()];
  const modules = new Map<string, FlopCount>();
  for (const { path, flops, learns, eager, inputs } of tape.nodes) {
    if (!flops) continue;
    const { base = 0, adapter = 0, inputs: ofInputs = 0, trained = 0 } = flops;
    const reaches = learns && (eager === true || inputs.some((input) => input.learns));
    const again = workload.checkpointing && learns ? base + adapter : 0;
    const backward = (reaches ? ofInputs : 0) + (learns ? trained : 0) + again;
    const own = path === undefined ? attention : (modules.get(path) ?? zero());
    if (path !== undefined) modules.set(path, own);
    for (const count of [total, own]) {
      count.merged += base;
      count.unmerged += base + adapter;
      count.backward += backward;
      count.step += base + adapter + backward;
    }
  }
  return { ...total, attention, modules };
}

const zero = (): FlopCount => ({ merged: 0, unmerged: 0, backward: 0, step: 0 });
