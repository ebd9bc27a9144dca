import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { backend, engine, type Tensor } from '@tensorflow/tfjs-core';
import type { Limits } from '../limits.js';

type Public = Pick<
  WebGPUBackend,
  | 'bufferManager'
  | 'device'
  | 'disposeData'
  | 'endComputePassEncoder'
  | 'ensureCommandEncoderReady'
  | 'makeTensorInfo'
  | 'queue'
  | 'submitQueue'
  | 'tensorMap'
  | 'uploadToGPU'
>;

/** The little of tfjs's backend that running shaders beside its own stands on: it gathers work and sends it in batches. */
export interface Gpu extends Public {
  readonly limits: Limits;
  commandEncoder: GPUCommandEncoder;
  computePassEncoder: GPUComputePassEncoder | null;
  /** Tensors that gathered work reads or writes; tfjs frees these only when it was sent. */
  commandQueueOwnedIds: WeakSet<object>;
  dispatchCountInPass: number;
  uniformPendingDisposal: GPUBuffer[];
}

/** The active backend, which is WebGPU's whenever a kernel of ours is called. */
export function activeGpu(): Gpu {
  return backend() as unknown as Gpu;
}

/** A new float32 tensor on the device, of no particular values, owned by the scope that is open. */
export function emptyTensor(gpu: Gpu, shape: number[]): Tensor {
  const info = gpu.makeTensorInfo(shape, 'float32');
  try {
    gpu.uploadToGPU(info.dataId);
  } catch (error) {
    gpu.disposeData(info.dataId, true);
    throw error;
  }
  return engine().makeTensorFromTensorInfo(info);
}

/** The buffer of a tensor, put on the device if it was not there; it stays until the gathered work was sent. */
export function bufferOf(gpu: Gpu, { dataId }: Tensor): GPUBuffer {
  gpu.uploadToGPU(dataId);
  gpu.commandQueueOwnedIds.add(dataId);
  return gpu.tensorMap.get(dataId).resource as GPUBuffer;
}

/** The encoder of the gathered work, for copies between runs. Buffers that it will copy must be on the device before. */
export function encoderOf(gpu: Gpu): GPUCommandEncoder {
  gpu.ensureCommandEncoderReady();
  gpu.endComputePassEncoder();
  return gpu.commandEncoder;
}
