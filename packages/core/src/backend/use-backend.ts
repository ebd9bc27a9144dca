import { getBackend, setBackend } from '@tensorflow/tfjs-core';
import { LowrankError } from '../errors/lowrank-error.js';
import { registerGradients } from '../ops/gradients.js';
import { installKernels } from './active-kernels.js';
import { installedBackends } from './auto.js';
import type { Backend } from './backend.js';

export interface AutoOptions {
  /** What `'auto'` tries, in this order; the installed backend packages, fastest first, when left out. */
  among?: Backend[];
  /** Told in one line when a backend before the chosen one cannot run here. Default `console.warn`. */
  notice?: (line: string) => void;
}

/**
 * Makes `backend` the one that all further tensors and ops use, with its own kernels, and gives tfjs-core the
 * gradients that a plain install of it lacks. `'auto'` takes the first that runs here of webgpu, node and wasm.
 *
 * @returns the backend in use
 * @throws `backend-unavailable` rather than go on elsewhere; the active backend then stays what it was
 */
export async function useBackend(backend: Backend | 'auto', options: AutoOptions = {}): Promise<Backend> {
  if (backend === 'auto') return firstThatRuns(options);
  checkName(backend);
  await backend.init();
  await select(backend.name);
  installKernels(backend);
  registerGradients();
  return backend;
}

async function firstThatRuns({ among, notice = console.warn }: AutoOptions): Promise<Backend> {
  const failures: LowrankError[] = [];
  for (const backend of among ?? (await installedBackends())) {
    try {
      const used = await useBackend(backend);
      if (failures.length > 0) notice(`backend "${used.name}" is used, for ${failures.map(sentence).join(' | ')}`);
      return used;
    } catch (error) {
      if (!LowrankError.is(error, 'backend-unavailable')) throw error;
      failures.push(error);
    }
  }
  throw new LowrankError('backend-unavailable', {
    given: "useBackend('auto')",
    rule: 'one of the backends must run here',
    fix: failures.map(sentence).join(' | '),
    cause: failures.at(-1),
  });
}

function sentence({ message }: LowrankError): string {
  return message.replaceAll(/\s+/g, ' ');
}

/** A wrong name would only show later, as kernels that tfjs cannot find. */
function checkName(backend: Backend): void {
  const known = typeof backend === 'object' && typeof backend?.init === 'function' && /^[^_]+$/.test(backend.name);
  if (known) return;
  throw new LowrankError('backend-unavailable', {
    given: `backend ${typeof backend === 'object' ? JSON.stringify(backend) : `"${String(backend)}"`}`,
    rule: "a backend is a value with a name (no underscore), init and capabilities, or the word 'auto'",
    fix: 'give what a factory makes: useBackend(wasm()), useBackend(node()), useBackend(webgpu())',
  });
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
