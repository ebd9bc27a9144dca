import { setBackend } from '@tensorflow/tfjs-core';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';

const require = createRequire(import.meta.url);

/**
 * tfjs's own backends as npm gives them, as values for `useBackend`: no kernel of ours, so that every op of the same
 * model is composed of tfjs's.
 */
export const stock = {
  wasm: () => ({
    name: 'wasm',
    async init() {
      const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
      setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'))}/wasm-out/`);
      await setBackend('wasm');
    },
    // Its threads are off in Node, whatever is asked for.
    capabilities: () => ({ threads: 1 }),
  }),
  node: (threads) => ({
    name: 'tensorflow',
    async init() {
      const util = require('node:util');
      util.isNullOrUndefined ??= (value) => value === null || value === undefined;
      util.isArray ??= Array.isArray;
      await import('@tensorflow/tfjs-node');
    },
    capabilities: () => ({ threads }),
  }),
  webgpu: () => ({
    name: 'webgpu',
    async init() {
      const { create, globals } = await import('webgpu');
      Object.assign(globalThis, globals);
      const navigator = { gpu: create([]), userAgent: 'node' };
      Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true, writable: true });
      await import('@tensorflow/tfjs-backend-webgpu');
    },
    capabilities: () => ({ threads: 1 }),
  }),
};
