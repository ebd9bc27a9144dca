import type { ForwardStep } from '@lowrank/core';
import type { Activation } from '../parts/activation.js';

/** The forward pass of the module at `path`. */
export const run = (path: string, from: string, to: string): ForwardStep => ({
  op: 'module',
  path,
  from: [from],
  to: [to],
});

/** What a feed-forward block puts between its linears. */
export function activationStep(activation: Activation, from: string, to: string): ForwardStep {
  return { op: activation.startsWith('gelu') ? 'gelu' : 'activation', from: [from], to: [to] };
}
