import { LowrankError } from '@lowrank/core';
import type * as Dawn from 'webgpu';

/** Where adapters come from: the browser, or in Node Dawn, which the package `webgpu` brings. Throws `backend-unavailable`. */
export async function findGpu(): Promise<GPU> {
  if (globalThis.navigator?.gpu) return globalThis.navigator.gpu;
  if (typeof process === 'undefined' || !process.versions?.node) {
    throw unavailable('this browser must have WebGPU', {
      fix: 'use Chrome or Edge 113, Firefox 141, Safari 26 or later, on a page from https or localhost; or useBackend(wasm())',
    });
  }
  return (dawn ??= await loadDawn());
}

/** Throws `backend-unavailable` where no adapter answers. */
export async function findAdapter(gpu: GPU, powerPreference: GPUPowerPreference): Promise<GPUAdapter> {
  let cause: unknown;
  try {
    const adapter = await gpu.requestAdapter({ powerPreference });
    if (adapter) return adapter;
  } catch (error) {
    cause = error;
  }
  throw unavailable('a graphics adapter must answer', {
    fix:
      gpu === dawn
        ? "install a driver for Vulkan (Linux: libvulkan1 and the card's own driver), Metal or D3D12; or use another backend"
        : 'switch on hardware acceleration in the browser and update its graphics driver; or use another backend',
    cause,
  });
}

// One for the process: Dawn does not let go of an instance cleanly, and devices of two cannot be mixed.
let dawn: GPU | undefined;

async function loadDawn(): Promise<GPU> {
  let module: typeof Dawn;
  try {
    module = await load('webgpu');
  } catch (cause) {
    throw unavailable('in Node, the package webgpu must be installed and load here', {
      fix: 'npm install webgpu (an optional peer), or use another backend',
      cause,
    });
  }
  // tfjs asks with `instanceof GPUBuffer` and reads GPUBufferUsage whenever a kernel runs, so these must stay.
  for (const [name, value] of Object.entries(module.globals)) {
    if (!(name in globalThis)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  return module.create([]);
}

/** By a name that a browser's bundler does not see, which else would want the package. */
function load(name: string): Promise<typeof Dawn> {
  return import(/* @vite-ignore */ /* webpackIgnore: true */ name);
}

function unavailable(rule: string, { fix, cause }: { fix: string; cause?: unknown }): LowrankError {
  return new LowrankError('backend-unavailable', { given: 'backend "webgpu"', rule, fix, cause });
}
