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
  // tfjs answers a failed switch with `false` and stays where it was.
  if (!(await setBackend(backend.name)) || getBackend() !== backend.name) {
    throw new LowrankError('backend-unavailable', {
      given: `backend "${backend.name}"`,
      rule: 'it must start on this machine',
      fix: 'use another backend, or see the reason printed above',
    });
  }
  registerGradients();
}
