import { LowrankError } from '@lowrank/core';
import type { WasmBackend } from '../heap.js';
import { nodeModules } from '../node.js';
import { kernelNumbers, type KernelName } from './kernel-numbers.js';
import { loadEngine, type EngineExports } from './load-engine.js';
import { mostThreads, startTeam } from './team.js';

const notShared =
  'the wasm heap is not shared with threads; in a browser the page must be cross-origin isolated, by the headers ' +
  'Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp';

/** Our own kernels on tfjs's heap, run by a team of threads. */
export interface Engine {
  /** Threads that share a job's tasks, the caller's among them. */
  readonly threads: number;
  /** tfjs's, which may grow with each allocation. */
  readonly memory: WebAssembly.Memory;
  /** Runs a kernel's tasks 0 to `tasks` - 1, each once and in any order; all are done when it returns. */
  run(kernel: KernelName, tasks: number, args: readonly number[]): void;
  /** The address of memory of at least that many bytes, which is free for use until the next call. */
  scratch(bytes: number): number;
}

/** Bytes of the block that the team shares, and where in it a job's arguments lie, as native/team.ts has it. */
const [blockBytes, doneWord, argsWord] = [1024 + 512 * mostThreads, 128 / 4, 320 / 4];

/** Looks for the end of a job, of about 0.1 ms together, before the thread lies down; and ms until it counts as lost. */
const [looks, patience] = [100_000, 60_000];

const engines = new WeakMap<WasmBackend, Engine>();

/** The engine that `startEngine` made for a backend. */
export function engineOf(backend: WasmBackend): Engine {
  return engines.get(backend) as Engine;
}

export interface EngineStart {
  threads: number;
  /** Why there is one thread where more were wanted. */
  oneThreadBecause?: string;
}

/**
 * Makes a backend's engine, with `threads` threads where its heap is shared. Throws where the machine has no SIMD.
 *
 * @param mayRelax whether to take relaxed SIMD where it is to be had
 */
export async function startEngine(backend: WasmBackend, threads: number, mayRelax = true): Promise<EngineStart> {
  const known = engines.get(backend);
  if (known) return { threads: known.threads };
  const { wasm } = backend;
  const memory = (wasm.wasmMemory ?? wasm.asm?.memory) as WebAssembly.Memory;
  const module = await loadEngine(memory, mayRelax);
  const team = aligned(wasm._malloc(blockBytes + 64) >>> 0);
  new Uint8Array(memory.buffer, team, blockBytes).fill(0);
  const made = (count: number) => engines.set(backend, engine(backend, { module, memory, team }, count));
  if (threads === 1) {
    made(1);
    return { threads: 1 };
  }
  try {
    if (memory.buffer instanceof ArrayBuffer) throw new Error(notShared);
    await startTeam({ module, memory, team }, threads - 1);
    made(threads);
    return { threads };
  } catch (error) {
    made(1);
    return { threads: 1, oneThreadBecause: error instanceof Error ? error.message : String(error) };
  }
}

function engine(backend: WasmBackend, heap: Parameters<typeof startTeam>[0], size: number): Engine {
  const { memory, team } = heap;
  const exports = new WebAssembly.Instance(heap.module, { env: { memory } }).exports as unknown as EngineExports;
  const mayBlock = nodeModules() !== undefined;
  let words = new Int32Array(memory.buffer, team, blockBytes / 4);
  let space = { address: 0, bytes: 0 };
  let threads = size;

  function awaitAll(tasks: number): void {
    let done = exports.finished(team, tasks, looks);
    let since = performance.now();
    while (done !== tasks) {
      if (mayBlock) Atomics.wait(words, doneWord, done, 10);
      const now = exports.finished(team, tasks, looks);
      if (now !== done) since = performance.now();
      done = now;
      if (performance.now() - since < patience) continue;
      threads = 1;
      throw new LowrankError('backend-unavailable', {
        given: `${done} of ${tasks} tasks done on ${size} threads`,
        rule: `each must end in ${patience / 1000} s`,
        fix: 'a worker has died: what was computed is lost, further work goes on in one thread',
      });
    }
  }

  return {
    memory,
    get threads() {
      return threads;
    },
    run(kernel, tasks, args) {
      if (words.buffer !== memory.buffer) words = new Int32Array(memory.buffer, team, blockBytes / 4);
      words.set(args, argsWord);
      const number = kernelNumbers[kernel];
      if (threads === 1 || tasks === 1) return exports.runAlone(team, number, tasks);
      exports.runTogether(team, number, tasks);
      awaitAll(tasks);
    },
    scratch(bytes) {
      if (bytes > space.bytes) {
        if (space.bytes > 0) backend.wasm._free(space.address);
        space = { address: 0, bytes: 0 };
        space = { address: backend.wasm._malloc(bytes + 64) >>> 0, bytes };
      }
      return aligned(space.address);
    },
  };
}

/** To the next cache line. */
function aligned(address: number): number {
  return Math.ceil(address / 64) * 64;
}
