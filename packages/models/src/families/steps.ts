import type { ForwardStep } from '@lowrank/core';
import type { Activation } from '../parts/activation-names.js';

/** The forward pass of the module at `path`. */
export const run = (path: string, from: string, to: string): ForwardStep => ({
  op: 'module',
  path,
  from: [from],
  to: [to],
});

/** What a feed-forward block puts between its linears. */
export function activationStep(activation: Activation, from: string, to: string): ForwardStep {
  return { op: ops[activation], from: [from], to: [to] };
}

const ops: Record<Activation, ForwardStep['op']> = {
  gelu: 'gelu',
  gelu_new: 'gelu',
  gelu_pytorch_tanh: 'gelu',
  gelu_fast: 'gelu',
  quick_gelu: 'quick-gelu',
  relu: 'relu',
  silu: 'silu',
  swish: 'silu',
  tanh: 'tanh',
};
