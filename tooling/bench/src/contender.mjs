import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const workers = { tfjs: 'tfjs-worker.mjs', peft: 'peft_worker.py' };

/** One thing that is measured, in a process of its own that lives until `end`. */
export class Contender {
  #child;
  #lines;
  #noise = '';

  /** @param task what its worker reads: `{ kind, backend, threads, quantise, variant, folder, shape, profiled }` */
  constructor(task, { python }) {
    this.task = task;
    this.name = nameOf(task);
    const file = fileURLToPath(new URL(task.kind === 'peft' ? workers.peft : workers.tfjs, import.meta.url));
    this.#child = spawn(task.kind === 'peft' ? python : process.execPath, [file, JSON.stringify(task)], {
      env: { ...process.env, ...threadSettings(task) },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child.stderr.on('data', (chunk) => (this.#noise = (this.#noise + String(chunk)).slice(-4000)));
    this.#child.stdin.on('error', () => {});
    this.#child.on('error', (error) => (this.#noise += error.message));
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  get pid() {
    return this.#child.pid;
  }

  /** Throws where the worker answers with an error, or ended. */
  async ask(command, args = {}) {
    this.#child.stdin.write(`${JSON.stringify({ command, ...args })}\n`);
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(this.#noise.trim().split('\n').at(-1) || 'its process ended without a word');
      if (!value.startsWith('@ ')) continue;
      const answer = JSON.parse(value.slice(2));
      if (answer.error === undefined) return answer;
      throw new Error(answer.error);
    }
  }

  async end() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null || this.pid === undefined) return;
    const closed = once(this.#child, 'close');
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5000);
    await closed;
    clearTimeout(timer);
  }
}

function nameOf({ kind, backend, quantise, variant, threads }) {
  const what = kind === 'peft' ? 'PyTorch + PEFT' : `${kind === 'stock' ? 'stock' : 'lowrank'} ${backend}`;
  const words = [
    variant === 'dora' && 'DoRA',
    quantise,
    backend === 'webgpu' ? undefined : `${threads} thread${threads === 1 ? '' : 's'}`,
  ];
  return [what, ...words].filter(Boolean).join(', ');
}

/** Ours takes threads as an option; stock TensorFlow and OpenMP read the environment as they load. */
function threadSettings({ kind, threads }) {
  if (kind === 'lowrank') return {};
  return { OMP_NUM_THREADS: String(threads), TF_NUM_INTRAOP_THREADS: String(threads), TF_CPP_MIN_LOG_LEVEL: '2' };
}
