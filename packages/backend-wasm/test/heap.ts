import type { WasmBackend } from '../src/heap.js';

/** A heap of 32 MB that tfjs has no part in: memory is handed out once and never taken back. */
export function heap(shared: boolean) {
  const pages = 512;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
  let next = 64;
  const take = (bytes: number) => {
    const address = next;
    next += Math.ceil(bytes / 16) * 16;
    return next <= pages * 65536 ? address : 0;
  };
  const wasm = { ...(shared ? { wasmMemory: memory } : { asm: { memory } }), _malloc: take, _free: () => {} };
  return {
    backend: { wasm } as unknown as WasmBackend,
    /** Puts values on the heap; their address. */
    put(values: ArrayLike<number>): number {
      const address = take(4 * values.length);
      new Float32Array(memory.buffer, address, values.length).set(values);
      return address;
    },
    /** Copies values from the heap. */
    get: (address: number, length: number): Float32Array => new Float32Array(memory.buffer, address, length).slice(),
  };
}
