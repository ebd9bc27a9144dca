import { LowrankError, type Backend } from '@lowrank/core';
import { installKernels } from './kernels/install.js';
import { start, type Started } from './start.js';
import type { WasmPaths } from './wasm-files.js';

export interface WasmOptions {
  /** Threads to use, 1 to 8; as many as there are cores when left out. The first start in a process decides. */
  threads?: number;
  /** Where tfjs-backend-wasm's `.wasm` files are; in Node the installed package's own when left out. */
  wasmPaths?: WasmPaths;
}

export interface WasmCapabilities {
  /** Threads that matMuls really use; 1 before `init`. */
  threads: number;
  /** Why there is one thread where more were wanted. */
  oneThreadBecause?: unknown;
}

export interface Wasm extends Backend {
  capabilities(): WasmCapabilities;
}

/**
 * The backend that needs no install of its own: tfjs's wasm, with every matMul on XNNPACK, the sum by segments
 * that it lacks, and real threads in Node.
 */
export function wasm({ threads, wasmPaths }: WasmOptions = {}): Wasm {
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1)) {
    throw new LowrankError('config-invalid', {
      given: `threads: ${threads}`,
      rule: 'it must be a whole number from 1 on',
      fix: 'leave it out to use every core',
    });
  }
  let started: Started = { threads: 1 };
  return {
    name: 'wasm',
    async init() {
      started = await once({ threads, wasmPaths });
      installKernels();
    },
    capabilities: () => started,
  };
}

let starting: Promise<Started> | undefined;

/** One start a process, shared by calls that overlap; a failed one may be tried again. */
function once(options: Parameters<typeof start>[0]): Promise<Started> {
  starting ??= start(options).catch((error: unknown) => {
    starting = undefined;
    throw error;
  });
  return starting;
}
