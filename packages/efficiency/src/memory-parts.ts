import { LowrankError, type AdapterPlan, type ModelOutline } from '@lowrank/core/plan';
import { memoryOf, type StepMemory } from './step-memory.js';
import { largestPacked, momentsOf, peakOf, traceOf } from './step-moments.js';
import type { Workload } from './workload.js';

/** Whose the bytes of a training step are. Over all parts of both maps, each kind of bytes sums to that of `stepMemory`. */
export interface MemoryParts {
  /** Every module's, adapted or not, by path. */
  modules: Map<string, StepMemory>;
  /**
   * What lies between modules, by op: `attention`, `residual`, `swiglu` and others of a forward pass; `loss`; with
   * checkpointing `checkpoint`, what goes into each layer; and `backend`, its `runtime`.
   */
  ops: Map<string, StepMemory>;
}

/**
 * Peak memory of a training step, module by module. Memory that several read is counted where it is first kept; a part's
 * `total` is its share of the whole's, with `activations` or `update`, whichever decides that.
 *
 * @throws `config-invalid` for a batch that cannot be, or a plan that was made for another base
 */
export function memoryParts(outline: ModelOutline, plan: AdapterPlan, workload: Workload): MemoryParts {
  const trace = traceOf(outline, plan, workload);
  const whole = memoryOf(trace, outline, plan, workload);
  const { modules, ops }: MemoryParts = { modules: new Map(), ops: new Map() };
  const part = (op: string, path?: string) => partOf(path === undefined ? ops : modules, path ?? op);

  for (const { path, bytes } of outline.modules) part('module', path).base += bytes;
  for (const { path, parameters } of [...plan.modules, ...plan.extras]) part('module', path).adapter += 4 * parameters;
  const { held } = momentsOf(trace, outline, plan, workload);
  for (const { at, kind, bytes } of peakOf(held)) part(at.op, at.path)[kind] += bytes;
  if (whole.unpacked > 0) part('module', largestPacked(outline)?.path).unpacked += whole.unpacked;
  part('backend').runtime += whole.runtime;

  const parts = [...modules.values(), ...ops.values()];
  const base = parts.reduce((sum, own) => sum + own.base, 0);
  if (base !== whole.base) throw otherBase(whole.base, base);
  for (const own of parts) addTotals(own, whole.activations < whole.update);
  return { modules, ops };
}

function partOf(parts: Map<string, StepMemory>, name: string): StepMemory {
  const found = parts.get(name) ?? { ...nothing };
  parts.set(name, found);
  return found;
}

const nothing: StepMemory = {
  base: 0,
  adapter: 0,
  gradients: 0,
  optimizer: 0,
  kept: 0,
  backward: 0,
  unpacked: 0,
  passing: 0,
  activations: 0,
  update: 0,
  runtime: 0,
  total: 0,
};

/** What follows from the rest of a part; `updating` where the whole's peak is in the update. */
function addTotals(own: StepMemory, updating: boolean): void {
  own.gradients = own.adapter;
  own.optimizer = 2 * own.adapter;
  own.activations = own.kept + own.backward + own.unpacked + own.passing;
  own.update = 4 * own.adapter;
  const lasting = own.base + own.adapter + own.gradients + own.optimizer + own.runtime;
  own.total = lasting + (updating ? own.update : own.activations);
}

function otherBase(plan: number, outline: number): LowrankError {
  return new LowrankError('config-invalid', {
    given: `a plan of a base of ${plan} bytes, and an outline of ${outline}`,
    rule: 'parts are those of one model',
    fix: 'make the plan of the modules of the same outline',
  });
}
