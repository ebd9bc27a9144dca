import { nodeModules } from '../node.js';
import { plainBytes, relaxedBytes } from './engine-bytes.js';

/** What the engine exports; see native/team.ts. Addresses are bytes on the heap. */
export interface EngineExports {
  runAlone(team: number, kernel: number, tasks: number): void;
  runTogether(team: number, kernel: number, tasks: number): void;
  finished(team: number, tasks: number, times: number): number;
}

/**
 * The engine for a heap, compiled. It multiplies and adds in one instruction where relaxed SIMD is to be had, which
 * Node 20 has too but hides behind a flag. Throws where the machine has no SIMD.
 */
export function loadEngine(memory: WebAssembly.Memory, mayRelax: boolean): WebAssembly.Module {
  const shared = !(memory.buffer instanceof ArrayBuffer);
  const relaxed = decode(relaxedBytes, shared);
  return new WebAssembly.Module(mayRelax && allowsRelaxed(relaxed) ? relaxed : decode(plainBytes, shared));
}

function allowsRelaxed(bytes: BufferSource): boolean {
  if (WebAssembly.validate(bytes)) return true;
  nodeModules()?.v8.setFlagsFromString('--experimental-wasm-relaxed-simd');
  return WebAssembly.validate(bytes);
}

function decode(base64: string, shared: boolean): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  // After the import's name comes its kind, 2, and its flags. Bit 0: it has a most, bit 1: it is shared.
  const name = 'memory';
  const at = atob(base64).indexOf(name);
  bytes[at + name.length + 1] = shared ? 3 : 1;
  return bytes;
}
