import type { AdapterPlan, ModelOutline } from '@lowrank/core/plan';
import type { BatchShape } from './batch-shape.js';
import { wasmMemory, type KernelMemory } from './kernel-memory.js';
import { heldBy } from './tape/held.js';
import { bytesOf } from './tape/tape.js';
import { traceStep, type StepTrace } from './tape/trace-step.js';

/** A batch, and how it is computed. */
export interface Workload extends BatchShape {
  /** What the backend's kernels keep. Default `wasmMemory`, lowrank's default backend. */
  kernels?: KernelMemory | undefined;
  /** Whether layers are computed again for the backward pass, so that only their inputs are kept; lowrank's trainer does not. */
  checkpointing?: boolean | undefined;
  /** Bytes of one value of an activation: 4, or 2 for what a float16 backend would need. lowrank's are float32. */
  activationBytes?: 2 | 4 | undefined;
}

/** Bytes that a training step needs at its peak, by what they are for. */
export interface StepMemory {
  /** The frozen model as it is held. */
  base: number;
  /** All that is trained, in float32. */
  adapter: number;
  gradients: number;
  /** AdamW's two moments. */
  optimizer: number;
  /** What the forward pass keeps for the backward pass. */
  kept: number;
  /** Gradients of activations, which tfjs frees only when the backward pass has ended. */
  backward: number;
  /** The largest packed weight, unpacked. */
  unpacked: number;
  /** The most that a kernel of the backward pass holds beside these while it runs. */
  passing: number;
  /** The last four: gone before the update. */
  activations: number;
  /** What the update makes anew before the old goes: parameters, moments, and clipped gradients. */
  update: number;
  /** What the backend takes beside tensors. */
  runtime: number;
  /** The first four, `runtime`, and the larger of `activations` and `update`. */
  total: number;
}

/** Peak memory of a training step, without loading a weight. Throws `config-invalid` for a batch that cannot be. */
export function stepMemory(outline: ModelOutline, plan: AdapterPlan, workload: Workload): StepMemory {
  return memoryOf(traceStep(outline, plan, workload, workload.kernels), outline, plan, workload);
}

export function memoryOf(
  trace: StepTrace,
  outline: ModelOutline,
  plan: AdapterPlan,
  { kernels = wasmMemory, activationBytes = 4, checkpointing = false }: Workload,
): StepMemory {
  const share = activationBytes / 4;
  const held = heldBy(trace, checkpointing);
  const of = (part: 'kept' | 'backward') => share * held.reduce((sum, each) => sum + each[part], 0);
  const adapter = 4 * [...plan.modules, ...plan.extras].reduce((sum, { parameters }) => sum + parameters, 0);
  const parts = {
    base: plan.base.bytes,
    adapter,
    gradients: adapter,
    optimizer: 2 * adapter,
    kept: of('kept'),
    backward: of('backward'),
    unpacked: kernels.unpacksWhole ? (largestPacked(outline)?.bytes ?? 0) : 0,
    passing: share * trace.tape.passing.bytes,
    runtime: kernels.runtime,
  };
  const activations = parts.kept + parts.backward + parts.unpacked + parts.passing;
  const update = 4 * adapter;
  const lasting = parts.base + parts.adapter + parts.gradients + parts.optimizer + parts.runtime;
  return { ...parts, activations, update, total: lasting + Math.max(activations, update) };
}

/** The packed matrix that takes most bytes in float32. */
export function largestPacked({ modules }: ModelOutline): { path: string; bytes: number } | undefined {
  const packed = modules.filter(({ parameters, bytes }) => bytes < 4 * parameters);
  const sizes = packed.map(({ path, in: from = 0, out = 0 }) => ({ path, bytes: bytesOf(from, out) }));
  return sizes.toSorted((left, right) => right.bytes - left.bytes)[0];
}
