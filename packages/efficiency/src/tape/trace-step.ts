import {
  invariant,
  type AdapterPlan,
  type ForwardStep,
  type ModelOutline,
  type PlannedExtra,
} from '@lowrank/core/plan';
import { wasmMemory, type KernelMemory } from '../kernel-memory.js';
import { checkedBatch, type BatchShape } from '../batch-shape.js';
import { gelu, quickGelu, relu, silu, swiglu, tanh } from './activations.js';
import { runModule } from './modules.js';
import {
  add,
  attention,
  firstToken,
  joinHeads,
  multiply,
  residual,
  reshape,
  rotary,
  split,
  splitHeads,
} from './ops.js';
import type { Run } from './run.js';
import { Tape, bytesOf, type Value } from './tape.js';

/** A training step as a tape: a section before the layers, one for each, and one after them with the loss. */
export interface StepTrace {
  tape: Tape;
  /** What goes into each layer. */
  layerInputs: Value[];
}

/** Records the forward pass and loss of a batch. Throws `config-invalid` for a batch that cannot be. */
export function traceStep(
  { modules, pass, maxPositions }: ModelOutline,
  { config, modules: adapted, extras }: Pick<AdapterPlan, 'config' | 'modules' | 'extras'>,
  shape: BatchShape,
  kernels: KernelMemory = wasmMemory,
): StepTrace {
  const { batch, seq } = checkedBatch(shape, maxPositions);
  const tape = new Tape();
  const run: Run = {
    tape,
    kernels,
    batch,
    seq,
    modules: new Map(modules.map((module) => [module.path, module])),
    adapted: new Map(adapted.map((module) => [module.path, module])),
    extras: byPath(extras),
    adapter: config,
  };
  const values = new Map([
    ['ids', plain(batch * seq)],
    ['positions', plain(seq)],
  ]);
  const layerInputs: Value[] = [];
  for (const step of pass.before) runStep(run, step, values);
  for (const block of pass.blocks) {
    tape.next();
    layerInputs.push(valueOf(values, block[0]?.from[0] as string));
    for (const step of block) runStep(run, step, values);
  }
  tape.next();
  for (const step of pass.after) runStep(run, step, values);
  loss(run, valueOf(values, pass.result));
  return { tape, layerInputs };
}

const plain = (rows: number): Value => ({ rows, features: 1, memory: { bytes: bytesOf(rows, 1) }, learns: false });

function byPath(extras: PlannedExtra[]): Map<string, PlannedExtra[]> {
  const paths = new Map<string, PlannedExtra[]>();
  for (const extra of extras) paths.set(extra.path, [...(paths.get(extra.path) ?? []), extra]);
  return paths;
}

function valueOf(values: Map<string, Value>, name: string): Value {
  const value = values.get(name);
  invariant(value, `a forward pass reads "${name}" before it is there`);
  return value;
}

function runStep(run: Run, step: ForwardStep, values: Map<string, Value>): void {
  const [x, y, z] = step.from.map((name) => valueOf(values, name)) as [Value, Value, Value];
  run.tape.enter(step);
  const given = results(run, step, [x, y, z]);
  step.to.forEach((name, index) => values.set(name, given[index] as Value));
}

function results(run: Run, step: ForwardStep, [x, y, z]: [Value, Value, Value]): Value[] {
  switch (step.op) {
    case 'module':
      return [runModule(run, step.path as string, x)];
    case 'split':
      return split(run, x, step.to.length);
    case 'attention':
      return [attention(run, [x, y, z], step)];
    case 'add':
    case 'residual':
    case 'swiglu':
      return [pairs[step.op](run, x, y)];
    default:
      return [singles[step.op](run, x)];
  }
}

const pairs = { add, residual, swiglu };

const singles = {
  'split-heads': splitHeads,
  'join-heads': joinHeads,
  scale: (run: Run, x: Value) => multiply(run, x),
  'first-token': firstToken,
  rotary,
  gelu,
  tanh,
  relu,
  silu,
  'quick-gelu': quickGelu,
};

/** Cross-entropy of logits, or whatever reads states. */
function loss(run: Run, result: Value): void {
  const { tape, kernels } = run;
  tape.enter({ op: 'loss' });
  const logits = reshape(run, result);
  const slopes = kernels.keepsSlopes ? logits.rows * logits.features : 0;
  tape.record({
    inputs: [logits],
    outputs: [[1, 1]],
    keeps: kernels.keepsSlopes ? [] : [logits.memory],
    keepsBytes: 4 * (slopes + logits.rows * kernels.perTarget),
    passes: kernels.keepsSlopes,
    eager: true,
  });
}
