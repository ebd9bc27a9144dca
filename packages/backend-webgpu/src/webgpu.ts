import { LowrankError, type Backend, type Capabilities } from '@lowrank/core';
import { kernels } from './kernels/kernels.js';
import type { LimitOptions } from './limits.js';
import { start, type Started } from './start.js';

export interface WebgpuOptions {
  /** Which adapter to ask for where there are two. Default `high-performance`. */
  powerPreference?: GPUPowerPreference;
  /** Lower limits than the adapter's own, in WebGPU's names; to see how a model fits a smaller device. */
  limits?: LimitOptions;
  /** Where adapters come from; the browser's `navigator.gpu`, or in Node the package `webgpu`, when left out. */
  gpu?: GPU;
}

export interface WebgpuCapabilities extends Capabilities {
  /** The device is a program on the processor, such as SwiftShader: right, and slower than `wasm()`. */
  software: boolean;
}

export interface Webgpu extends Backend {
  capabilities(): WebgpuCapabilities;
}

/**
 * The backend for GPUs, in browsers and, through the package `webgpu`, in Node: tfjs's WebGPU with lowrank's own
 * shaders. A second `init` is harmless, and makes a new device where the first was lost.
 */
export function webgpu(options: WebgpuOptions = {}): Webgpu {
  let started: Started | undefined;
  return {
    name: 'webgpu',
    async init() {
      started = await once(options);
    },
    capabilities() {
      if (started) return started.capabilities;
      throw new LowrankError('backend-unavailable', {
        given: 'backend "webgpu" before its init',
        rule: 'only a started device says what it can do',
        fix: 'await useBackend(webgpu()) first',
      });
    },
    kernels,
  };
}

let starting: Promise<Started> | undefined;

/** One start at a time, shared by calls that overlap. */
function once(options: WebgpuOptions): Promise<Started> {
  starting ??= start(options).finally(() => (starting = undefined));
  return starting;
}
