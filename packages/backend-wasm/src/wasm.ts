import { LowrankError, type Backend } from '@lowrank/core';
import { installKernels } from './kernels/install.js';
import { kernels } from './kernels/kernels.js';
import type { EngineStart } from './native/engine.js';
import { start } from './start.js';
import type { WasmPaths } from './wasm-files.js';

export interface WasmOptions {
  /** Threads to use, 1 to 8; as many as there are cores when left out. The first start in a process decides. */
  threads?: number;
  /** Where tfjs-backend-wasm's `.wasm` files are; in Node the installed package's own when left out. */
  wasmPaths?: WasmPaths;
}

export interface WasmCapabilities {
  /** Threads that share our kernels' work; 1 before `init`. */
  threads: number;
  /** Why there is one thread where more were wanted. */
  oneThreadBecause?: string;
}

export interface Wasm extends Backend {
  capabilities(): WasmCapabilities;
}

/**
 * The backend that needs no install of its own: tfjs's wasm, with products and other work of training on an engine
 * and threads of our own, and the sum by segments that it lacks.
 */
export function wasm({ threads, wasmPaths }: WasmOptions = {}): Wasm {
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1)) {
    throw new LowrankError('config-invalid', {
      given: `threads: ${threads}`,
      rule: 'it must be a whole number from 1 on',
      fix: 'leave it out to use every core',
    });
  }
  let started: EngineStart = { threads: 1 };
  return {
    name: 'wasm',
    async init() {
      started = await once({ threads, wasmPaths });
      installKernels();
    },
    capabilities: () => started,
    kernels,
  };
}

let starting: Promise<EngineStart> | undefined;

/** One start a process, shared by calls that overlap; a failed one may be tried again. */
function once(options: Parameters<typeof start>[0]): Promise<EngineStart> {
  starting ??= start(options).catch((error: unknown) => {
    starting = undefined;
    throw error;
  });
  return starting;
}
