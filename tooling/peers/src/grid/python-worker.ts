import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

type Answer = { ready?: true; ok?: unknown; error?: string; trace?: string };

/** Transformers and PEFT in one long-lived process, asked in turn. */
export class PythonWorker {
  readonly #child: ChildProcess;
  readonly #waiting: ((answer: Answer) => void)[] = [];

  private constructor(child: ChildProcess) {
    this.#child = child;
    createInterface({ input: child.stdout! }).on('line', (line) => this.#waiting.shift()?.(JSON.parse(line)));
    child.on('exit', (code, signal) => {
      const error = `the Python worker ended with ${signal ?? code}`;
      for (const answer of this.#waiting.splice(0)) answer({ error });
    });
  }

  /** @param python an interpreter @param script the worker's file */
  static async start(python: string, script: string, threads = 1): Promise<PythonWorker> {
    const options = { stdio: ['pipe', 'pipe', 'inherit'] } satisfies Parameters<typeof spawn>[2];
    const worker = new PythonWorker(spawn(python, [script, String(threads)], options));
    const { error } = await worker.#answer();
    if (error) throw new Error(error);
    return worker;
  }

  /** What the worker's handler `name` returns; throws what it throws. */
  async ask<Result = null>(name: string, request: object = {}): Promise<Result> {
    const answer = this.#answer();
    this.#child.stdin!.write(`${JSON.stringify({ do: name, ...request })}\n`);
    const { ok, error, trace } = await answer;
    if (error !== undefined) throw new Error(`Python: ${error}`, { cause: trace });
    return ok as Result;
  }

  stop(): void {
    this.#child.stdin!.end();
  }

  #answer(): Promise<Answer> {
    if (this.#child.exitCode !== null) return Promise.resolve({ error: 'the Python worker has ended' });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
