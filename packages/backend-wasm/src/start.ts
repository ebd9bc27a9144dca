import { LowrankError } from '@lowrank/core';
import { getThreadsCount, setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { engine, env, findBackendFactory, type KernelBackend } from '@tensorflow/tfjs-core';
import { keepingListeners } from './own-listeners.js';
import { nodeModules, type NodeModules } from './node.js';
import { mostThreads, withThreads } from './threads.js';
import { installedWasmPaths, requireWasmFiles, threadFiles, type WasmPaths } from './wasm-files.js';

export interface StartOptions {
  threads?: number | undefined;
  wasmPaths?: WasmPaths | undefined;
}

export interface Started {
  /** Threads that matMuls really use. */
  threads: number;
  /** Why there is one thread where more were wanted. */
  oneThreadBecause?: unknown;
}

/**
 * Starts tfjs's wasm module and leaves it with tfjs, unselected: the active backend stays what it is, also
 * when this throws `backend-unavailable`. A wasm backend that runs already is taken as it is.
 */
export async function start(options: StartOptions): Promise<Started> {
  if (engine().registry['wasm']) return { threads: getThreadsCount() };
  const node = nodeModules();
  const paths = options.wasmPaths ?? (node && installedWasmPaths(node));
  if (node && paths) requireWasmFiles(node, paths);
  try {
    if (paths) setWasmPaths(paths);
    return node
      ? await keepingListeners(() => startInNode(node, options.threads))
      : await run({ threads: options.threads });
  } catch (cause) {
    throw new LowrankError('backend-unavailable', {
      given: 'backend "wasm"',
      rule: "tfjs's wasm module must load and start here",
      fix: 'see the cause; in a browser, serve its .wasm files and say where: wasm({ wasmPaths })',
      cause,
    });
  }
}

async function startInNode(node: NodeModules, wanted: number | undefined): Promise<Started> {
  const threads = Math.min(wanted ?? node.os.availableParallelism(), mostThreads);
  if (threads > 1) {
    try {
      const files = threadFiles(node);
      return await withThreads(node, threads, files, () => run({ threads, threaded: true }));
    } catch (oneThreadBecause) {
      return { ...(await run({ threads: 1, threaded: false })), oneThreadBecause };
    }
  }
  return run({ threads: 1, threaded: false });
}

interface Run {
  threads: number | undefined;
  /** Whether to load the module that has threads. Left out, tfjs finds out: a cross-origin isolated browser gives them. */
  threaded?: boolean;
}

async function run({ threads, threaded }: Run): Promise<Started> {
  if (threads !== undefined) setThreadsCount(threads);
  if (threaded !== undefined) env().set('WASM_HAS_MULTITHREAD_SUPPORT', threaded);
  const factory = findBackendFactory('wasm');
  engine().registry['wasm'] = (await factory()) as KernelBackend;
  return { threads: getThreadsCount() };
}
