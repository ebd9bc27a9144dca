/** What a backend's kernels keep for the backward pass, as far as they differ: the rest follows from the ops. */
export interface KernelMemory {
  name: string;
  /** Whether attention keeps its weights, `[batch, heads, seq, seq]`; else it makes them again. */
  keepsScores: boolean;
  /** Numbers that attention keeps of each query of each head, weights aside. */
  perQuery: number;
  /** Whether attention keeps what it gives. */
  keepsMixed: boolean;
  /** Whether norms keep what they made of their input, in place of it. */
  keepsNormal: boolean;
  /** Numbers that a root-mean-square norm and a layer norm keep of each row. */
  perRow: { norm: number; 'layer-norm': number };
  /** Whether activations and the loss keep slopes, in place of their inputs. */
  keepsSlopes: boolean;
  /** Numbers that the loss keeps of each row, logits aside. */
  perTarget: number;
  /** Whether a packed weight is unpacked as a whole while it is used; else piece by piece. */
  unpacksWhole: boolean;
}

const flash = { keepsScores: false, keepsNormal: false, keepsSlopes: false, unpacksWhole: false, perTarget: 3 };

export const wasmMemory: KernelMemory = {
  ...flash,
  name: 'wasm',
  perQuery: 2,
  keepsMixed: false,
  perRow: { norm: 2, 'layer-norm': 2 },
};

export const webgpuMemory: KernelMemory = {
  ...flash,
  name: 'webgpu',
  perQuery: 1,
  keepsMixed: true,
  perRow: { norm: 1, 'layer-norm': 2 },
};

export const nodeMemory: KernelMemory = {
  name: 'node',
  keepsScores: true,
  perQuery: 0,
  keepsMixed: true,
  keepsNormal: true,
  perRow: { norm: 1, 'layer-norm': 1 },
  keepsSlopes: true,
  perTarget: 0,
  unpacksWhole: true,
};
