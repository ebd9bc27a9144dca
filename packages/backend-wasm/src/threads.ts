import type { Worker } from 'node:worker_threads';
import type { NodeModules } from './node.js';
import { crew } from './crew.js';
import type { ThreadFiles } from './wasm-files.js';

/** Most threads that tfjs's threaded module can use: it makes places for eight workers, whatever it is told. */
export const mostThreads = 8;

/** How long workers may take to come up, in ms, before the start is given up. */
const patience = 30_000;

/**
 * Runs `start`, which loads tfjs's threaded wasm module, in a Node that looks to it like the browser it was
 * written for: blob workers work, and there are cores enough that half of them are `threads`. All is put
 * back when it ends. The workers never keep the process alive.
 *
 * @throws when a worker fails or stays silent; then none is left running.
 */
export async function withThreads<T>(
  node: NodeModules,
  threads: number,
  files: ThreadFiles,
  start: () => Promise<T>,
): Promise<T> {
  const workers = crew(node, threads - 1, files);
  const restore = [
    // tfjs starts its workers from blob URLs, which Node refuses.
    replace(node.workers, 'Worker', blobsTo(workers.place, node.workers.Worker)),
    // The C++ side takes half of the logical cores, for the sake of cores that count twice.
    replace(node.os, 'cpus', fakeCpus(node.os.cpus, 2 * threads)),
    // Emscripten makes Worker global, where others take it for the sign of a browser.
    replace(globalThis as { Worker?: unknown }, 'Worker', undefined),
  ];
  try {
    const started = await Promise.race([start(), workers.failure, silence()]);
    workers.unref();
    return started;
  } catch (error) {
    workers.terminate();
    throw error;
  } finally {
    for (const putBack of restore) putBack();
  }
}

/** node's Worker, but one made from a blob is a place in the crew. */
function blobsTo(place: () => object, Real: typeof Worker): typeof Worker {
  return new Proxy(Real, {
    construct: (_, [source, options]) =>
      typeof source === 'string' && source.startsWith('blob:') ? place() : new Real(source, options),
  });
}

function fakeCpus(cpus: NodeModules['os']['cpus'], count: number): NodeModules['os']['cpus'] {
  return () => {
    const real = cpus();
    return Array.from({ length: Math.max(count, real.length) }, (_, index) => real[index % real.length]!);
  };
}

function silence(): Promise<never> {
  return new Promise((_, reject) => {
    const late = () => reject(new Error(`no answer from the wasm workers in ${patience / 1000} s`));
    setTimeout(late, patience).unref();
  });
}

/** Puts `value` in the place of a property; the result puts it back, or takes it away where there was none. */
function replace<T extends object, K extends keyof T>(owner: T, key: K, value: T[K]): () => void {
  const before = Object.getOwnPropertyDescriptor(owner, key);
  Object.defineProperty(owner, key, { value, configurable: true, enumerable: true, writable: true });
  return () => {
    if (before) Object.defineProperty(owner, key, before);
    else delete owner[key];
  };
}
