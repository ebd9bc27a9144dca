import { bytesSource } from '@lowrank/formats';
import { learn } from './learn.mjs';

const model = {
  name: 'tiny-base',
  async open(file) {
    const response = await fetch(`/model/${file}`);
    return response.ok ? bytesSource(file, new Uint8Array(await response.arrayBuffer())) : undefined;
  },
};

const threads = globalThis.crossOriginIsolated ? 2 : 1;
const used = learn(model, { threads, wasmPaths: `${location.origin}/wasm/` });
globalThis.outcome = await used.then(
  ({ losses, adapter, threads }) => ({ losses, threads, tensors: adapter.tensors.size }),
  (error) => ({ error: String(error) }),
);
