// The one way every package is bundled: ESM for Node 20, one file an entry, peers and dependencies left outside. Types come from tsc.
export const preset = {
  entry: ['src/index.ts'],
  format: ['esm'],
  target: 'node20',
  platform: 'neutral',
  sourcemap: true,
  clean: true,
  dts: false,
  // So that a bundler for browsers can tell Node's modules, which it leaves outside, from packages of the same name.
  removeNodeProtocol: false,
  external: [/^node:/],
};
