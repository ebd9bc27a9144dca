import { getBackend, setBackend } from '@tensorflow/tfjs-core';
import { LowrankError } from '../errors/lowrank-error.js';
import { registerGradients } from '../ops/gradients.js';
import type { Backend } from './backend.js';

/**
 * Makes `backend` the one that all further tensors and ops use, and gives tfjs-core the gradients
 * that a plain install of it lacks. Throws `backend-unavailable` rather than go on elsewhere.
 */
export async function useBackend(backend: Backend): Promise<void> {
  await backend.init();
  await select(backend.name);
  registerGradients();
}

/** tfjs answers a failed switch with `false` and works on wherever it was: that must not pass unseen. */
async function select(name: string): Promise<void> {
  let cause: unknown;
  try {
    if ((await setBackend(name)) && getBackend() === name) return;
  } catch (error) {
    cause = error;
  }
  throw new LowrankError('backend-unavailable', {
    given: `backend "${name}"`,
    rule: 'it must start on this machine',
    fix: 'use another backend',
    cause,
  });
}
