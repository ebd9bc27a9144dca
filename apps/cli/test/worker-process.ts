import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const hook = fileURLToPath(new URL('host-name.cjs', import.meta.url));

/** An environment in which a process is on another machine, by the name that it has of it. */
export const onHost = (name: string) => ({ NODE_OPTIONS: `--require ${hook}`, HOST_NAME: name });

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

// oxlint-disable-next-line no-explicit-any -- a test that reads a field checks its value
export type Line = Record<string, any>;

/** A `lowrank worker --json` in a process of its own. */
export class WorkerProcess {
  readonly events: Line[] = [];
  readonly ended: Promise<unknown[]>;
  readonly #child;
  readonly #waiting: { is: (event: Line) => boolean; resolve: (event: Line) => void }[] = [];

  constructor(args: string[], env: NodeJS.ProcessEnv = {}) {
    this.#child = spawn(process.execPath, [main, 'worker', ...args, '--json'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, ...env },
    });
    this.ended = once(this.#child, 'close');
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      const event = JSON.parse(line) as Line;
      // What the trial's own process wrote, where it wrote an event.
      if (event['type'] === 'job-log' && String(event['line']).startsWith('{')) event['of'] = JSON.parse(event['line']);
      this.events.push(event);
      for (const { resolve } of this.#waiting.filter(({ is }) => is(event))) resolve(event);
    });
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** Resolves with the next event of which `is` holds, or with nothing where the worker ends before. */
  next(is: (event: Line) => boolean): Promise<Line | undefined> {
    const found = new Promise<Line>((resolve) => this.#waiting.push({ is, resolve }));
    return Promise.race([found, this.ended.then(() => undefined)]);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }
}

/** Workers that come and go. */
export class Crew {
  readonly all: WorkerProcess[] = [];

  constructor(private readonly args: string[]) {}

  hire(): WorkerProcess {
    const worker = new WorkerProcess(this.args);
    this.all.push(worker);
    return worker;
  }

  async dismiss(): Promise<void> {
    for (const worker of this.all) worker.signal('SIGKILL');
    await Promise.all(this.all.map(({ ended }) => ended));
  }
}

/** Whether an event is one of the trial's own process, of a step or more. */
export const atStep =
  (step: number) =>
  ({ of }: Line): boolean =>
    of?.type === 'step-end' && of.step >= step;
