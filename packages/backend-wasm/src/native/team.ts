import { nodeModules, type NodeModules } from '../node.js';

/** What a worker is given: the engine, the heap, and where on it the team's block lies. */
export interface TeamHeap {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  team: number;
}

/** Most members of a team, for whom its block has room. */
export const mostThreads = 8;

/** How long a worker may take to come up, in ms, before the start is given up. */
const patience = 10_000;

/** Words of the team's block, as native/team.ts has it. */
const [job, sleeping] = [64 / 4, 192 / 4];

const serve = `({ module, memory, team, member }, ready) => {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const words = new Int32Array(memory.buffer, team);
  ready();
  for (;;) {
    const last = exports.serve(team, member);
    Atomics.add(words, ${sleeping}, 1);
    Atomics.wait(words, ${job}, last);
    Atomics.sub(words, ${sleeping}, 1);
  }
}`;

const nodeSource = `const { parentPort, workerData } = require('node:worker_threads');
(${serve})(workerData, () => parentPort.postMessage(0));`;

const webSource = `onmessage = ({ data }) => (${serve})(data, () => postMessage(0));`;

/**
 * Starts `size` workers that serve the heap's team as long as the process or page lives; they never keep a
 * process alive. Rejects when one fails or stays silent; the others are then ended.
 */
export async function startTeam(heap: TeamHeap, size: number): Promise<void> {
  const node = nodeModules();
  const ends: (() => void)[] = [];
  const member = (index: number) => {
    const data = { ...heap, member: index + 1 };
    return node ? inNode(node, data, ends) : inBrowser(data, ends);
  };
  try {
    await within(patience, Promise.all(Array.from({ length: size }, (_, index) => member(index))));
  } catch (error) {
    for (const end of ends) end();
    throw error;
  }
}

function inNode({ workers }: NodeModules, heap: TeamHeap, ends: (() => void)[]): Promise<void> {
  // `execArgv` empty: what the main thread preloads is not for these.
  const worker = new workers.Worker(nodeSource, { eval: true, execArgv: [], workerData: heap });
  ends.push(() => void worker.terminate());
  return new Promise((resolve, reject) => {
    worker.on('error', reject);
    worker.once('exit', (code) => reject(new Error(`a wasm worker ended with code ${code}`)));
    worker.once('message', () => {
      worker.unref();
      resolve();
    });
  });
}

function inBrowser(heap: TeamHeap, ends: (() => void)[]): Promise<void> {
  const url = URL.createObjectURL(new Blob([webSource], { type: 'text/javascript' }));
  const worker = new Worker(url);
  ends.push(() => worker.terminate());
  return new Promise<void>((resolve, reject) => {
    worker.addEventListener('error', ({ message }) => reject(new Error(message)));
    worker.addEventListener('message', () => resolve());
    worker.postMessage(heap);
  }).finally(() => URL.revokeObjectURL(url));
}

function within<T>(time: number, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer from the wasm workers in ${time / 1000} s`)), time);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
