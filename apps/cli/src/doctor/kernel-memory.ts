import { nodeMemory, wasmMemory, webgpuMemory, type KernelMemory } from '@lowrank/efficiency';
import type { BackendName } from '../inputs/backend-names.js';

/** What each backend's kernels keep. */
export const kernelMemory: Record<BackendName, KernelMemory> = {
  wasm: wasmMemory,
  node: nodeMemory,
  webgpu: webgpuMemory,
};
