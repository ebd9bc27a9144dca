import { nodeMemory, wasmMemory, webgpuMemory, type FittedMemory, type KernelMemory } from '@lowrank/efficiency';
import type { BackendName } from '../inputs/backend-names.js';

/** What each backend's kernels keep. */
export const kernelMemory: Record<BackendName, KernelMemory> = {
  wasm: wasmMemory,
  node: nodeMemory,
  webgpu: webgpuMemory,
};

/** Whether a backend's tensors are in the process's own memory, which can be measured; else they are on a device. */
export const inProcess = (name: BackendName): boolean => name !== 'webgpu';

/** The same with what `lowrank doctor` measured here, where it has. */
export function kernelMemoryHere(name: BackendName, measured: { memory?: FittedMemory } | undefined): KernelMemory {
  return { ...kernelMemory[name], ...measured?.memory };
}
