import { backend, engine, type Tensor } from '@tensorflow/tfjs-core';
import { addressOf, floatsOf, type WasmBackend } from '../heap.js';
import { engineOf, type Engine } from './engine.js';

/** What a kernel of lowrank's ops works with, on the active wasm backend. */
export interface Workplace {
  engine: Engine;
  /** A new float32 tensor whose values are yet to be written; it belongs to the tidy around. */
  make<T extends Tensor>(shape: readonly number[]): T;
  /** Where a tensor's values lie; 0 for none. Good while it lives: a heap that grows moves none. */
  at(tensor: Tensor | undefined): number;
  /** A float32 tensor's values where they lie; good until the next `make`, which may let the heap grow. */
  values(tensor: Tensor): Float32Array;
}

export function workplace(): Workplace {
  const wasm = backend() as unknown as WasmBackend;
  return {
    engine: engineOf(wasm),
    make: <T extends Tensor>(shape: readonly number[]) =>
      engine().makeTensorFromTensorInfo(wasm.makeOutput([...shape], 'float32')) as T,
    at: (tensor) => (tensor ? addressOf(wasm, tensor) : 0),
    values: (tensor) => floatsOf(wasm, tensor),
  };
}
