import type { AdapterPlan, ModelOutline } from '@lowrank/core';
import type { BatchShape } from './batch-shape.js';
import type { KernelMemory } from './kernel-memory.js';
import { backward } from './tape/backward.js';
import { traceStep } from './tape/trace-step.js';

export const debug = (outline: ModelOutline, plan: AdapterPlan, shape: BatchShape, kernels?: KernelMemory) => {
  const { tape } = traceStep(outline, plan, shape, kernels);
  const kept = [...tape.kept.keys()].reduce((sum, { bytes }) => sum + bytes, 0);
  const { values, trained } = backward(tape);
  return { kept, values: values.reduce((a, b) => a + b, 0), trained };
};
