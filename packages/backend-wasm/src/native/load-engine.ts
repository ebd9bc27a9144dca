import { nodeModules } from '../node.js';
import { deflatedBytes, plainFrom } from './engine-bytes.js';

/** What the engine exports; see native/team.ts. Addresses are bytes on the heap. */
export interface EngineExports {
  runAlone(team: number, kernel: number, tasks: number): void;
  runTogether(team: number, kernel: number, tasks: number): void;
  finished(team: number, tasks: number, times: number): number;
}

/**
 * The engine for a heap, compiled. It multiplies and adds in one instruction where relaxed SIMD is to be had, which
 * Node 20 has too but hides behind a flag. Rejects where the machine has no SIMD.
 */
export async function loadEngine(memory: WebAssembly.Memory, mayRelax: boolean): Promise<WebAssembly.Module> {
  const { relaxed, plain } = await inflatedEngines();
  const bytes = mayRelax && allowsRelaxed(relaxed) ? relaxed : plain;
  return new WebAssembly.Module(forHeap(bytes, !(memory.buffer instanceof ArrayBuffer)));
}

/** Both engines as they are shipped. */
export async function inflatedEngines(): Promise<{ relaxed: Uint8Array<ArrayBuffer>; plain: Uint8Array<ArrayBuffer> }> {
  const deflated = Uint8Array.from(atob(deflatedBytes), (letter) => letter.charCodeAt(0));
  const stream = new Blob([deflated]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const all = new Uint8Array(await new Response(stream).arrayBuffer());
  return { relaxed: all.slice(0, plainFrom), plain: all.slice(plainFrom) };
}

function allowsRelaxed(bytes: BufferSource): boolean {
  if (WebAssembly.validate(bytes)) return true;
  nodeModules()?.v8.setFlagsFromString('--experimental-wasm-relaxed-simd');
  return WebAssembly.validate(bytes);
}

/** Says of the memory that is imported whether it is shared: of its flags, after its name and kind, bit 1. */
function forHeap(bytes: Uint8Array<ArrayBuffer>, shared: boolean): Uint8Array<ArrayBuffer> {
  const name = 'memory';
  const at = new TextDecoder('latin1').decode(bytes).indexOf(name);
  bytes[at + name.length + 1] = shared ? 3 : 1;
  return bytes;
}
