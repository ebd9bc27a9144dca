import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { engine } from '@tensorflow/tfjs-core';

/** The device that the running webgpu backend computes on. */
export function deviceOf(): GPUDevice {
  return (engine().registry['webgpu'] as WebGPUBackend).device;
}
