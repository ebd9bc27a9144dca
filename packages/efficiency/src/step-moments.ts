import type { AdapterPlan, ModelOutline } from '@lowrank/core/plan';
import { wasmMemory } from './kernel-memory.js';
import { heldBy, type Held } from './tape/held.js';
import type { Lifetime } from './tape/lifetimes.js';
import { bytesOf } from './tape/tape.js';
import { traceStep, type StepTrace } from './tape/trace-step.js';
import type { Workload } from './workload.js';

/**
 * Bytes of tensors at every moment of a step: op by op, forward and back, and the update last. Each grows by as many bytes with each
 * rank of a module, whatever the others have, as long as no module is left out. Throws as `stepMemory`.
 */
export function stepMoments(outline: ModelOutline, plan: AdapterPlan, workload: Workload): number[] {
  const { held, lasting, unpacked, update } = momentsOf(traceOf(outline, plan, workload), outline, plan, workload);
  return [...Array.from(held.moments, (bytes) => lasting + unpacked + bytes), lasting + update];
}

export interface Moments {
  base: number;
  adapter: number;
  /** What there is at every moment: these, gradients of what is trained, and its moments. */
  lasting: number;
  held: Held;
  /** The largest packed weight, unpacked, as if that were at every moment but the update. */
  unpacked: number;
  update: number;
}

export function momentsOf(
  trace: StepTrace,
  outline: ModelOutline,
  plan: AdapterPlan,
  { kernels = wasmMemory, activationBytes = 4, checkpointing = false }: Workload,
): Moments {
  const adapter = 4 * [...plan.modules, ...plan.extras].reduce((sum, { parameters }) => sum + parameters, 0);
  const { bytes: base } = plan.base;
  return {
    ...{ base, adapter, lasting: base + 4 * adapter, update: 4 * adapter },
    held: heldBy(trace, { checkpointing, share: activationBytes / 4 }),
    unpacked: kernels.unpacksWhole ? (largestPacked(outline)?.bytes ?? 0) : 0,
  };
}

export function traceOf(outline: ModelOutline, plan: AdapterPlan, workload: Workload): StepTrace {
  return traceStep(outline, plan, workload, workload.kernels);
}

/** What the passes hold when they hold most. */
export function peakOf({ moments, at }: Held): Lifetime[] {
  return at(moments.reduce((best, bytes, moment) => (bytes > (moments[best] as number) ? moment : best), 0));
}

/** The packed matrix that takes most bytes in float32. */
export function largestPacked({ modules }: ModelOutline): { path: string; bytes: number } | undefined {
  const packed = modules.filter(({ parameters, bytes }) => bytes < 4 * parameters);
  const sizes = packed.map(({ path, in: from = 0, out = 0 }) => ({ path, bytes: bytesOf(from, out) }));
  return sizes.toSorted((left, right) => right.bytes - left.bytes)[0];
}
