import { bytesSource } from '@lowrank/formats';
import { learn } from './learn.mjs';

const model = {
  name: 'tiny-base',
  async open(file) {
    const response = await fetch(`/model/${file}`);
    return response.ok ? bytesSource(file, new Uint8Array(await response.arrayBuffer())) : undefined;
  },
};

globalThis.used = learn(model, { wasmPaths: `${location.origin}/wasm/` }).then(({ losses, adapter }) => ({
  losses,
  tensors: adapter.tensors.size,
}));
