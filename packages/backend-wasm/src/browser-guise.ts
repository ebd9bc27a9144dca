import type { Worker } from 'node:worker_threads';
import type { NodeModules } from './node.js';

/**
 * Runs `start`, which loads tfjs's threaded wasm module, in a Node that looks to it like the browser it was written
 * for. Only its shared heap is wanted: the workers that it makes from blobs, which Node refuses, are empty places that
 * say what it waits for. All is put back when `start` ends.
 */
export async function inBrowserGuise<T>({ events, workers }: NodeModules, start: () => Promise<T>): Promise<T> {
  class Place extends events.EventEmitter {
    postMessage({ cmd }: { cmd?: string }): void {
      if (cmd === 'load') queueMicrotask(() => this.emit('message', { cmd: 'loaded' }));
    }

    ref(): void {}

    unref(): void {}

    terminate(): void {}
  }

  const restore = [
    replace(workers, 'Worker', blobsTo(Place, workers.Worker)),
    // Emscripten makes Worker global, where others take it for the sign of a browser.
    replace(globalThis as { Worker?: unknown }, 'Worker', undefined),
  ];
  try {
    return await start();
  } finally {
    for (const putBack of restore) putBack();
  }
}

/** node's Worker, but one made from a blob is a place. */
function blobsTo(Place: new () => object, Real: typeof Worker): typeof Worker {
  return new Proxy(Real, {
    construct: (_, [source, options]) =>
      typeof source === 'string' && source.startsWith('blob:') ? new Place() : new Real(source, options),
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
