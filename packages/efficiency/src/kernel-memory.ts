/** What a backend's kernels keep for the backward pass, as far as they differ: the rest follows from the ops. */
export interface KernelMemory {
  name: string;
  /** Whether attention keeps its weights, `[batch, heads, seq, seq]`; else it makes them again. */
  keepsScores: boolean;
  /** Queries that attention takes together, leaving out keys that a causal mask hides from all of them; 0 where it leaves out none. */
  queriesTogether: number;
  /** Numbers that attention keeps of each query of each head, weights aside. */
  perQuery: number;
  /** Whether attention's gradient holds a second `[batch, heads, seq, seq]` while it runs. */
  changesScores: boolean;
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
  /** Bytes that the backend takes beside tensors once it has run a step: compiled kernels, workspaces, its own heap. As measured. */
  runtime: number;
  /** What its allocator takes of each byte of tensors beside it. 0 where that was not measured, as `lowrank doctor` does. */
  overhead: number;
}

const MiB = 2 ** 20;

const flash = {
  keepsScores: false,
  changesScores: false,
  keepsNormal: false,
  keepsSlopes: false,
  unpacksWhole: false,
  perTarget: 3,
  overhead: 0,
};

export const wasmMemory: KernelMemory = {
  ...flash,
  name: 'wasm',
  queriesTogether: 96,
  perQuery: 2,
  keepsMixed: false,
  perRow: { norm: 2, 'layer-norm': 2 },
  runtime: 28 * MiB,
};

export const webgpuMemory: KernelMemory = {
  ...flash,
  name: 'webgpu',
  queriesTogether: 16,
  perQuery: 1,
  keepsMixed: true,
  perRow: { norm: 1, 'layer-norm': 2 },
  // Not measured: its tensors are on the device.
  runtime: 0,
};

export const nodeMemory: KernelMemory = {
  name: 'node',
  queriesTogether: 0,
  keepsScores: true,
  changesScores: true,
  perQuery: 0,
  keepsMixed: true,
  keepsNormal: true,
  perRow: { norm: 1, 'layer-norm': 1 },
  keepsSlopes: true,
  perTarget: 0,
  unpacksWhole: true,
  runtime: 68 * MiB,
  overhead: 0,
};
