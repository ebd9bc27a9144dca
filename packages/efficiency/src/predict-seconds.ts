import type { AdapterPlan, ModelOutline } from '@lowrank/core/plan';
import type { Workload } from './workload.js';
import { flopsOf } from './step-flops.js';
import { bytesOf, reaches } from './tape/tape.js';
import { traceStep } from './tape/trace-step.js';

/** What a step's time goes into. */
export interface Work {
  /** Floating-point operations of linears and their factors. */
  linear: number;
  /** Floating-point operations of attention, whose products are smaller, as far as the backend's kernel computes them. */
  attention: number;
  /** Scores of a query and a key that are computed, forward and backward: each costs more than its products. */
  scores: number;
  /** Bytes of the base's weights that linears read, forward and backward: products of few rows wait for them. */
  weights: number;
  /** Bytes of the values that ops give, forward and backward. */
  bytes: number;
  /** Ops that run, forward and backward. */
  ops: number;
}

/** How fast a backend is: units of each kind of work a second. Infinite where it costs nothing. */
export type Speed = Record<keyof Work, number>;

/** The work of a training step. Throws `config-invalid` for a batch that cannot be. */
export function stepWork(outline: ModelOutline, plan: AdapterPlan, workload: Workload): Work {
  const trace = traceStep(outline, plan, workload, workload.kernels);
  const { step, attention } = flopsOf(trace, workload, false);
  let [scores, weights, bytes, ops] = [0, 0, 0, 0];
  for (const recorded of trace.tape.nodes) {
    const { node, learns } = recorded;
    if (node.view) continue;
    const given = node.outputs.reduce((sum, shape) => sum + bytesOf(...shape), 0);
    const back = node.passes ? 0 : node.inputs.reduce((sum, { rows, features }) => sum + bytesOf(rows, features), 0);
    bytes += given + (learns ? back : 0);
    weights += (node.weights ?? 0) * (reaches(recorded) ? 2 : 1);
    ops += learns ? 2 : 1;
    if (node.attention) scores += (learns ? 2 : 1) * node.attention.scores * node.attention.seen;
  }
  return { linear: step - attention.step, attention: attention.step, scores, weights, bytes, ops };
}

/** The sum over kinds of work of how much there is by how fast it goes, in seconds. A kind without a speed costs nothing. */
export function predictSeconds(work: Work, speed: Partial<Speed>): number {
  return kinds.reduce((sum, kind) => sum + work[kind] / (speed[kind] ?? Infinity), 0);
}

export const kinds = ['linear', 'attention', 'scores', 'weights', 'bytes', 'ops'] as const satisfies (keyof Work)[];
