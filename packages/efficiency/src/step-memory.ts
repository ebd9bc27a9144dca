import type { AdapterPlan, ModelOutline } from '@lowrank/core/plan';
import type { BatchShape } from './batch-shape.js';
import { wasmMemory, type KernelMemory } from './kernel-memory.js';
import { backward } from './tape/backward.js';
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
  const held = checkpointing ? checkpointed(trace) : whole(trace);
  const adapter = 4 * [...plan.modules, ...plan.extras].reduce((sum, { parameters }) => sum + parameters, 0);
  const parts = {
    base: plan.base.bytes,
    adapter,
    gradients: adapter,
    optimizer: 2 * adapter,
    kept: share * held.kept,
    backward: share * held.backward,
    unpacked: kernels.unpacksWhole ? largestPacked(outline) : 0,
    passing: share * trace.tape.passing,
    runtime: kernels.runtime,
  };
  const activations = parts.kept + parts.backward + parts.unpacked + parts.passing;
  const update = 4 * adapter;
  const lasting = parts.base + parts.adapter + parts.gradients + parts.optimizer + parts.runtime;
  return { ...parts, activations, update, total: lasting + Math.max(activations, update) };
}

function whole(trace: StepTrace) {
  const sections = sectionsOf(trace);
  return { kept: sum(sections.map(({ kept }) => kept)), backward: sum(sections.map((section) => section.backward)) };
}

/** What goes into each layer is kept, and one layer's own besides. */
function checkpointed(trace: StepTrace) {
  const sections = sectionsOf(trace);
  const [outer, layers] = [[sections[0], sections.at(-1)], sections.slice(1, -1)] as const;
  const inputs = new Set(trace.layerInputs.map(({ memory }) => memory));
  const widest = layers.toSorted((a, b) => b.kept + b.backward - a.kept - a.backward)[0];
  const of = (part: 'kept' | 'backward') => sum([...outer, widest].map((section) => section?.[part] ?? 0));
  return { kept: of('kept') + sum([...inputs].map(({ bytes }) => bytes)), backward: of('backward') };
}

function sectionsOf({ tape }: StepTrace): { kept: number; backward: number }[] {
  const sections = backward(tape).map((bytes) => ({ kept: 0, backward: bytes }));
  for (const [memory, section] of tape.kept) (sections[section] as { kept: number }).kept += memory.bytes;
  return sections;
}

function largestPacked({ modules }: ModelOutline): number {
  const packed = modules.filter(({ parameters, bytes }) => bytes < 4 * parameters);
  return Math.max(0, ...packed.map(({ in: from = 0, out = 0 }) => bytesOf(from, out)));
}

const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
