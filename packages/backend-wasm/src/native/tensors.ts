import { backend, engine, type Tensor } from '@tensorflow/tfjs-core';
import { addressOf, type WasmBackend } from '../heap.js';
import { engineOf, type Engine } from './engine.js';

/** What a kernel of lowrank's ops works with, on the active wasm backend. */
export interface Workplace {
  engine: Engine;
  /** A new float32 tensor whose values are yet to be written; it belongs to the tidy around. */
  make<T extends Tensor>(shape: readonly number[]): T;
  /** Where a float32 tensor's values lie. */
  at(tensor: Tensor): number;
}

/** Addresses stay good while tensors live: a heap that grows moves none. */
export function workplace(): Workplace {
  const wasm = backend() as unknown as WasmBackend;
  return {
    engine: engineOf(wasm),
    make: <T extends Tensor>(shape: readonly number[]) =>
      engine().makeTensorFromTensorInfo(wasm.makeOutput([...shape], 'float32')) as T,
    at: (tensor) => addressOf(wasm, tensor),
  };
}
