import { LowrankError } from '@lowrank/core';
import type { WasmBackend } from './heap.js';

const guarded = new WeakSet<object>();

/**
 * Lets an allocation that finds no memory throw `out-of-memory`. tfjs takes the 0 that it then gets for an address and
 * writes there, over whatever is at the heap's start. As the throw comes before anything is written or registered, all
 * tensors stay as they are, and work can go on with what memory there is.
 */
export function guardMemory({ wasm }: WasmBackend): void {
  if (guarded.has(wasm)) return;
  guarded.add(wasm);
  // Emscripten puts the real function in its place at the first call.
  wasm._free(wasm._malloc(16));
  const malloc = wasm._malloc;
  wasm._malloc = (bytes) => {
    const address = malloc(bytes);
    if (address === 0) throw outOfMemory(bytes, wasm.HEAPU8.length);
    return address;
  };
}

function outOfMemory(bytes: number, heap: number): LowrankError {
  return new LowrankError('out-of-memory', {
    given: `${bytes} bytes more, on a wasm heap that has grown to ${heap}`,
    rule: 'it holds at most 4 GiB, or what the system gives',
    fix: 'take a smaller batch or shorter sequences, a quantised base, or dispose tensors that are no longer used',
  });
}
