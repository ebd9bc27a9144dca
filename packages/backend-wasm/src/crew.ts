import type { Worker } from 'node:worker_threads';
import type { NodeModules } from './node.js';
import type { ThreadFiles } from './wasm-files.js';

export interface Crew {
  /** What Emscripten takes for a worker of its own. */
  place(): object;
  /** Rejects when a worker fails before it is ready. */
  failure: Promise<never>;
  /** Lets the process end by itself while the workers wait for work. */
  unref(): void;
  terminate(): void;
}

/** Emscripten's messages to a worker: `load` once, then `run` for the thread that it becomes. */
interface Message {
  cmd?: string;
}

/**
 * Up to `size` real workers behind the eight places that Emscripten always makes. All are up before any place
 * says so, because a thread pool that waits for a dead worker waits for ever; places that no thread takes
 * cost nothing, where eight workers would cost 80 MB and half a second.
 */
export function crew({ events, workers }: NodeModules, size: number, files: ThreadFiles): Crew {
  const ready: Worker[] = [];
  let fail: (error: Error) => void;
  const failure = new Promise<never>((_, reject) => (fail = reject));
  failure.catch(() => {});
  let loaded: Promise<unknown> | undefined;
  const all: Worker[] = [];

  function load(message: Message): Promise<unknown> {
    // `execArgv` empty: what the main thread preloads is not for these.
    const make = () => new workers.Worker(files.worker, { eval: true, execArgv: [] });
    all.push(...Array.from({ length: size }, make));
    return Promise.all(all.map((worker) => loadedWorker(worker, { ...message, urlOrBlob: files.script })));
  }

  function loadedWorker(worker: Worker, message: object): Promise<void> {
    worker.on('error', (error) => fail(error));
    worker.on('exit', (code) => fail(new Error(`a wasm worker ended with code ${code}`)));
    return new Promise((resolve) => {
      worker.once('message', () => {
        ready.push(worker);
        resolve();
      });
      worker.postMessage(message);
    });
  }

  class Place extends events.EventEmitter {
    #worker: Worker | undefined;

    postMessage(message: Message, transfer?: readonly never[]): void {
      if (message.cmd === 'load') {
        loaded ??= load(message);
        void loaded.then(() => this.emit('message', { cmd: 'loaded' }));
        return;
      }
      this.#worker ??= this.#take();
      this.#worker.postMessage(message, transfer);
    }

    #take(): Worker {
      const worker = ready.pop();
      if (!worker) throw new Error('tfjs asked for more wasm threads than it was given');
      return worker.on('message', (message) => this.emit('message', message));
    }

    ref(): void {}

    unref(): void {}

    terminate(): void {
      void this.#worker?.terminate();
    }
  }

  return {
    place: () => new Place(),
    failure,
    unref: () => all.forEach((worker) => worker.unref()),
    terminate: () => all.forEach((worker) => void worker.terminate()),
  };
}
