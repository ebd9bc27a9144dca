import { LowrankError } from '@lowrank/core';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { engine, env, findBackendFactory, type KernelBackend } from '@tensorflow/tfjs-core';
import { guardMemory } from './guard-memory.js';
import type { WasmBackend } from './heap.js';
import { startEngine, type EngineStart } from './native/engine.js';
import { mostThreads } from './native/team.js';
import { inBrowserGuise } from './browser-guise.js';
import { keepingListeners } from './own-listeners.js';
import { nodeModules, type NodeModules } from './node.js';
import { installedWasmPaths, requireWasmFiles, type WasmPaths } from './wasm-files.js';

export interface StartOptions {
  threads?: number | undefined;
  wasmPaths?: WasmPaths | undefined;
}

/**
 * Starts tfjs's wasm module and our engine on its heap, and leaves it with tfjs, unselected: the active backend
 * stays what it is, also when this throws `backend-unavailable`. A wasm backend that runs already is taken as it is.
 */
export async function start(options: StartOptions): Promise<EngineStart> {
  const node = nodeModules();
  const threads = Math.min(options.threads ?? cores(node), mostThreads);
  const paths = options.wasmPaths ?? (node && installedWasmPaths(node));
  if (node && paths) requireWasmFiles(node, paths);
  try {
    if (!engine().registry['wasm']) {
      if (paths) setWasmPaths(paths);
      // tfjs's own threads would spin for work on the cores that ours use.
      setThreadsCount(1);
      await (node ? keepingListeners(() => loadInNode(node, threads)) : load());
    }
    const backend = engine().registry['wasm'] as unknown as WasmBackend;
    guardMemory(backend);
    return await startEngine(backend, threads);
  } catch (cause) {
    throw new LowrankError('backend-unavailable', {
      given: 'backend "wasm"',
      rule: "tfjs's wasm module must load and start here",
      fix: 'see the cause; in a browser, serve its .wasm files and say where: wasm({ wasmPaths })',
      cause,
    });
  }
}

/** In a browser half of what it names, for the sake of cores that count twice. */
function cores(node: NodeModules | undefined): number {
  return node ? node.os.availableParallelism() : Math.max(1, Math.floor(navigator.hardwareConcurrency / 2));
}

/** Loads the module whose heap threads can share, where more than one is wanted and it can be had. */
async function loadInNode(node: NodeModules, threads: number): Promise<void> {
  if (threads > 1) {
    try {
      return await inBrowserGuise(node, () => load(true));
    } catch {
      // A place where that one's files are missing still has the module of one thread.
    }
  }
  return load(false);
}

/** `threaded` left out, tfjs finds out: a cross-origin isolated browser gives threads. */
async function load(threaded?: boolean): Promise<void> {
  if (threaded !== undefined) env().set('WASM_HAS_MULTITHREAD_SUPPORT', threaded);
  const factory = findBackendFactory('wasm');
  engine().registry['wasm'] = (await factory()) as KernelBackend;
}
