import { transposeMatrix } from './transpose-matrix.js';
import { transposeBytes } from './transpose-bytes.js';

/** Transposes the `[rows, columns]` float32 matrix at byte `from` of the heap to byte `to`. */
export type Transposer = (from: number, to: number, rows: number, columns: number) => void;

/** What is read of tfjs's wasm module: its memory, exported under one name with threads and another without. */
export interface HeapModule {
  readonly HEAPU8: Uint8Array;
  readonly wasmMemory?: WebAssembly.Memory;
  readonly asm?: { memory?: WebAssembly.Memory };
}

/** Where the bytes say that the memory they want is shared. */
const sharedFlag = 33;

/**
 * A transposer on a wasm heap: in SIMD, 4 to 12 times as fast as a loop in JavaScript, or that loop where the
 * heap or SIMD cannot be had.
 */
export function transposerOn(module: HeapModule): Transposer {
  const memory = module.wasmMemory ?? module.asm?.memory;
  if (!memory) return inScript(module);
  try {
    const bytes = Uint8Array.from(atob(transposeBytes), (letter) => letter.charCodeAt(0));
    // Bit 0: it has a most, bit 1: it is shared.
    bytes[sharedFlag] = memory.buffer instanceof ArrayBuffer ? 1 : 3;
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
    return exports['transpose'] as Transposer;
  } catch {
    return inScript(module);
  }
}

function inScript(module: HeapModule): Transposer {
  return (from, to, rows, columns) => {
    const { buffer } = module.HEAPU8;
    const size = rows * columns;
    transposeMatrix(new Float32Array(buffer, from, size), new Float32Array(buffer, to, size), [rows, columns]);
  };
}
