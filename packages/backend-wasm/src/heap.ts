import type { DataId, TensorInfo } from '@tensorflow/tfjs-core';
import { transposerOn, type HeapModule, type Transposer } from './simd/transposer.js';

/**
 * The little of tfjs-backend-wasm's inside that our kernels stand on. Its C++ side knows a tensor as a number
 * with an address; more than one number may name the same memory, which is what a `View` is.
 */
export interface WasmBackend {
  readonly wasm: HeapModule & {
    cwrap(name: string, result: null, parameters: string[]): (...values: unknown[]) => void;
    readonly tfjs: { disposeData(id: number): void };
  };
  readonly dataIdMap: {
    get(dataId: DataId): { id: number; memoryOffset: number };
    delete(dataId: DataId): boolean;
  };
  makeOutput(shape: number[], dtype: 'float32' | 'int32', memoryOffset?: number): TensorInfo;
  disposeData(dataId: DataId, force?: boolean): boolean;
}

/** A second name for memory that some tensor owns. XNNPACK's packed copy of a right operand lives as long as its name. */
export interface View {
  readonly id: number;
  readonly bytes: number;
  release(): void;
}

/** The number by which the C++ side knows a tensor. */
export function idOf(backend: WasmBackend, { dataId }: TensorInfo): number {
  return backend.dataIdMap.get(dataId).id;
}

/** Where a tensor's float32 value `index` lies, in bytes from the start of the heap. */
export function addressOf(backend: WasmBackend, { dataId }: TensorInfo, index = 0): number {
  return backend.dataIdMap.get(dataId).memoryOffset + index * Float32Array.BYTES_PER_ELEMENT;
}

/** The transposer on this backend's heap. */
export function transposerOf(backend: WasmBackend): Transposer {
  const known = transposers.get(backend) ?? transposerOn(backend.wasm);
  transposers.set(backend, known);
  return known;
}

const transposers = new WeakMap<WasmBackend, Transposer>();

/** The values of a float32 tensor where they lie; good until the next allocation, which may move the heap. */
export function floatsOf(backend: WasmBackend, tensor: TensorInfo): Float32Array {
  return (backend as unknown as HeapReader).typedArrayFromHeap(tensor) as Float32Array;
}

/** The values of an int32 tensor where they lie; good until the next allocation. */
export function intsOf(backend: WasmBackend, tensor: TensorInfo): Int32Array {
  return (backend as unknown as HeapReader).typedArrayFromHeap(tensor) as Int32Array;
}

/** Names `length` of a tensor's float32 values, from value `start` on, without copying them. */
export function viewOf(backend: WasmBackend, tensor: TensorInfo, start: number, length: number): View {
  const { dataId } = backend.makeOutput([length], 'float32', addressOf(backend, tensor, start));
  const { id } = backend.dataIdMap.get(dataId);
  return {
    id,
    bytes: length * Float32Array.BYTES_PER_ELEMENT,
    release() {
      // Not `backend.disposeData`, which would free memory that the view does not own.
      backend.wasm.tfjs.disposeData(id);
      backend.dataIdMap.delete(dataId);
    },
  };
}

interface HeapReader {
  typedArrayFromHeap(tensor: TensorInfo): Float32Array | Int32Array | Uint8Array;
}
