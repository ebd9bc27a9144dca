import { LowrankError } from '@lowrank/core';
import { engine, registerBackend, removeBackend, setBackend, type KernelBackend } from '@tensorflow/tfjs-core';
import { findAdapter, findGpu } from './find-gpu.js';
import { installGatherIntegers } from './kernels/gather-integers.js';
import { guarded, type GuardedBackend } from './guarded-backend.js';
import { limitsOf, type Limits } from './limits.js';
import type { WebgpuCapabilities, WebgpuOptions } from './webgpu.js';

export interface Started {
  backend: GuardedBackend;
  capabilities: WebgpuCapabilities;
}

let running: Started | undefined;

/**
 * Gives tfjs a WebGPU backend on a device of our own, with the adapter's real limits, and leaves it unselected: the
 * active backend stays what it is, also when this throws. A device that lives is taken as it is; a lost one makes
 * room for a new one. tfjs's own start asks for a feature by a wrong name, for too few limits, and fails in silence.
 */
export async function start({ powerPreference = 'high-performance', limits, gpu }: WebgpuOptions): Promise<Started> {
  if (running && !running.backend.lost && engine().registry['webgpu'] === running.backend) return running;
  const source = gpu ?? (await findGpu());
  const adapter = await findAdapter(source, powerPreference);
  const kept = limitsOf(adapter, limits);
  const device = await requestDevice(adapter, kept);
  // Lent for the import and the constructor, which look at it and nothing else of tfjs's does.
  const takeBack = lendNavigator(source);
  try {
    const backend = await guarded(device, adapter.info, kept);
    installGatherIntegers();
    await install(backend);
    running = { backend, capabilities: capabilitiesOf(adapter.info, kept) };
    return running;
  } finally {
    takeBack();
  }
}

async function requestDevice(adapter: GPUAdapter, requiredLimits: Limits): Promise<GPUDevice> {
  const requiredFeatures = (['timestamp-query', 'bgra8unorm-storage'] as const).filter((name) =>
    adapter.features.has(name),
  );
  try {
    return await adapter.requestDevice({ requiredFeatures, requiredLimits });
  } catch (cause) {
    throw new LowrankError('backend-unavailable', {
      given: 'backend "webgpu"',
      rule: 'its adapter must give a device',
      fix: 'see the cause; close other programs that use the graphics card, or use another backend',
      cause,
    });
  }
}

/** Puts the backend in the place of a lost one, or of tfjs's own, which an import in a browser registers. */
async function install(backend: KernelBackend): Promise<void> {
  const active = engine().backendName === 'webgpu';
  if ('webgpu' in engine().registryFactory) removeBackend('webgpu');
  registerBackend('webgpu', () => backend);
  engine().registry['webgpu'] = backend;
  if (active) await setBackend('webgpu');
}

function capabilitiesOf(info: GPUAdapterInfo, limits: Limits): WebgpuCapabilities {
  const device = [info.vendor, info.architecture].filter(Boolean).join(' ');
  return {
    threads: 1,
    ...(info.description && { version: info.description }),
    device: device || 'an adapter without a name',
    limits,
    software: info.isFallbackAdapter ?? false,
  };
}

function lendNavigator(gpu: GPU): () => void {
  if (globalThis.navigator?.gpu) return () => {};
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { value: { gpu, userAgent: 'node' }, configurable: true });
  return () => {
    if (before) Object.defineProperty(globalThis, 'navigator', before);
    else delete (globalThis as { navigator?: unknown }).navigator;
  };
}
