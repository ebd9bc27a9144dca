import type { DataId, TensorInfo } from '@tensorflow/tfjs-core';

/** The little of tfjs-backend-wasm's inside that our kernels stand on. */
export interface WasmBackend {
  /** The module; its memory is exported under one name with threads and under another without. */
  readonly wasm: {
    readonly wasmMemory?: WebAssembly.Memory;
    readonly asm?: { memory?: WebAssembly.Memory };
    /** The whole heap. */
    readonly HEAPU8: Uint8Array;
    /** The address of so many bytes as a signed number; 0 where there are none left, until `guardMemory`. */
    _malloc(bytes: number): number;
    _free(address: number): void;
  };
  readonly dataIdMap: { get(dataId: DataId): { memoryOffset: number } };
  makeOutput(shape: number[], dtype: 'float32' | 'int32', memoryOffset?: number): TensorInfo;
  disposeData(dataId: DataId, force?: boolean): boolean;
  /** One more tensor has these values. */
  incRef(dataId: DataId): void;
}

/** Where a tensor's float32 value `index` lies, in bytes from the start of the heap. */
export function addressOf(backend: WasmBackend, { dataId }: TensorInfo, index = 0): number {
  return backend.dataIdMap.get(dataId).memoryOffset + index * Float32Array.BYTES_PER_ELEMENT;
}

/** The values of a float32 tensor where they lie; good until the next allocation, which may move the heap. */
export function floatsOf(backend: WasmBackend, tensor: TensorInfo): Float32Array {
  return (backend as unknown as HeapReader).typedArrayFromHeap(tensor) as Float32Array;
}

/** The values of an int32 tensor where they lie; good until the next allocation. */
export function intsOf(backend: WasmBackend, tensor: TensorInfo): Int32Array {
  return (backend as unknown as HeapReader).typedArrayFromHeap(tensor) as Int32Array;
}

interface HeapReader {
  typedArrayFromHeap(tensor: TensorInfo): Float32Array | Int32Array | Uint8Array;
}
