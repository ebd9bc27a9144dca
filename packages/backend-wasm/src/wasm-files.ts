import { LowrankError } from '@lowrank/core';
import type { NodeModules } from './node.js';

/** Where tfjs-backend-wasm's binaries are: a folder ending in `/`, or a path for each file name. */
export type WasmPaths = string | Partial<Record<WasmFile, string>>;

type WasmFile = 'tfjs-backend-wasm.wasm' | 'tfjs-backend-wasm-simd.wasm' | 'tfjs-backend-wasm-threaded-simd.wasm';

/** The folder of binaries inside the installed tfjs-backend-wasm. Throws `backend-unavailable` where there is none. */
export function installedWasmPaths({ module }: NodeModules): string {
  try {
    const simd = require(module).resolve(packaged('wasm-out/tfjs-backend-wasm-simd.wasm'));
    return simd.slice(0, -'tfjs-backend-wasm-simd.wasm'.length);
  } catch (cause) {
    throw new LowrankError('backend-unavailable', {
      given: '@tensorflow/tfjs-backend-wasm',
      rule: 'its wasm-out folder must be found from @lowrank/backend-wasm',
      fix: 'install it beside, or say where the folder is: wasm({ wasmPaths })',
      cause,
    });
  }
}

/** Throws `backend-unavailable` for a binary that is not there, before tfjs would give up on wasm for good. */
export function requireWasmFiles({ fs }: NodeModules, paths: WasmPaths): void {
  const files = typeof paths === 'string' ? [`${paths}tfjs-backend-wasm-simd.wasm`] : Object.values(paths);
  const missing = files.find((file) => !/^\w{2,}:/.test(file) && !fs.existsSync(file));
  if (missing === undefined) return;
  throw new LowrankError('backend-unavailable', {
    given: missing,
    rule: "tfjs-backend-wasm's binaries must lie where wasmPaths says",
    fix: 'give the folder with a slash at its end, or leave wasmPaths out to use the installed package',
  });
}

function require({ createRequire }: NodeModules['module']): NodeJS.Require {
  return createRequire(import.meta.url);
}

function packaged(file: string): string {
  return `@tensorflow/tfjs-backend-wasm/${file}`;
}
