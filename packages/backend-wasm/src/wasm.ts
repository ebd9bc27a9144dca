import type { Backend } from '@lowrank/core';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { installKernels } from './kernels/install.js';

export function wasm(): Backend {
  return {
    name: 'wasm',
    async init() {
      const require = createRequire(import.meta.url);
      setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'))}/wasm-out/`);
      installKernels();
    },
    capabilities: () => ({ threads: 1 }),
  };
}
