import type { ModuleInfo } from '@lowrank/core/plan';
import type { Run } from './run.js';
import { bytesOf, type Value } from './tape.js';

/** Keeps nothing: its weight outlives the step. */
export function frozenLinear({ tape }: Run, { in: from = 0, out = 0 }: ModuleInfo, x: Value): Value {
  const product = 2 * x.rows * from * out;
  const flops = { base: product, inputs: product };
  const weights = bytesOf(from, out);
  return tape.record({ inputs: [x], outputs: [[x.rows, out]], eager: true, flops, weights })[0] as Value;
}
