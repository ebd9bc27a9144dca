import type { AdapterPlan, ModelOutline } from '@lowrank/core/plan';
import { wasmMemory } from './kernel-memory.js';
import { momentsOf, peakOf, traceOf } from './step-moments.js';
import type { Lifetime } from './tape/lifetimes.js';
import type { StepTrace } from './tape/trace-step.js';
import type { Workload } from './workload.js';

/** Bytes that a training step needs at its peak, by what they are for. */
export interface StepMemory {
  /** The frozen model as it is held. */
  base: number;
  /** All that is trained, in float32. */
  adapter: number;
  /** Of what is trained, all of them, though the backward pass makes them one by one. */
  gradients: number;
  /** AdamW's two moments. */
  optimizer: number;
  /** Values of the forward pass: what is kept for the backward pass, and of the layer that runs all. */
  kept: number;
  /** Gradients of activations, each there until the op that gave its value has read it. */
  backward: number;
  /** The largest packed weight, unpacked. */
  unpacked: number;
  /** What a kernel of the backward pass holds beside these while it runs. */
  passing: number;
  /** The last four, at the moment when they are most: gone before the update. */
  activations: number;
  /** What the update makes anew before the old goes: parameters, moments, and clipped gradients. */
  update: number;
  /** What the backend takes beside tensors, its allocator's part of their bytes included. */
  runtime: number;
  /** The first four, `runtime`, and the larger of `activations` and `update`. */
  total: number;
}

/** Peak memory of a training step, without loading a weight. Throws `config-invalid` for a batch that cannot be. */
export function stepMemory(outline: ModelOutline, plan: AdapterPlan, workload: Workload): StepMemory {
  return memoryOf(traceOf(outline, plan, workload), outline, plan, workload);
}

export function memoryOf(trace: StepTrace, outline: ModelOutline, plan: AdapterPlan, workload: Workload): StepMemory {
  const { held, base, adapter, lasting, unpacked, update } = momentsOf(trace, outline, plan, workload);
  const { kernels = wasmMemory } = workload;
  const peak = peakOf(held);
  const of = (kind: Lifetime['kind']) => peak.reduce((sum, each) => sum + (each.kind === kind ? each.bytes : 0), 0);
  const [kept, backward, passing] = [of('kept'), of('backward'), of('passing')];
  const activations = kept + backward + unpacked + passing;
  const tensors = lasting + Math.max(activations, update);
  const runtime = Math.ceil(kernels.runtime + kernels.overhead * tensors);
  return {
    ...{ base, adapter, gradients: adapter, optimizer: 2 * adapter, kept, backward, unpacked, passing },
    ...{ activations, update, runtime, total: tensors + runtime },
  };
}
