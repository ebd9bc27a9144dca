import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';

/** Ms between two looks at whether a process has gone. */
const between = 50;

/** Whose a trial's folder is: one process writes there at a time, even where whoever started it was killed. */
export class Owner {
  readonly #file: string;
  readonly #trial: string;

  constructor(out: string) {
    this.#trial = basename(out);
    this.#file = join(out, 'process.json');
  }

  async is(pid: number): Promise<void> {
    await writeFile(this.#file, JSON.stringify({ host: hostname(), pid }));
  }

  async none(): Promise<void> {
    await rm(this.#file, { force: true });
  }

  /** Ends a process of this machine that an earlier worker left behind; it keeps what it has learned. */
  async endEarlier(): Promise<void> {
    const text = await readFile(this.#file, 'utf8').catch(() => undefined);
    const { host, pid } = parsed(text);
    if (host !== hostname() || pid === undefined || !lives(pid)) return;
    // By now the number may be another process's.
    if (!(await commandLine(pid)).includes(this.#trial)) return;
    process.kill(pid, 'SIGTERM');
    while (lives(pid)) await setTimeout(between);
  }
}

function parsed(text: string | undefined): { host?: string; pid?: number } {
  try {
    return text === undefined ? {} : (JSON.parse(text) as { host: string; pid: number });
  } catch {
    return {};
  }
}

/** Empty where it cannot be told. */
async function commandLine(pid: number): Promise<string> {
  const listed = () => promisify(execFile)('ps', ['-o', 'args=', '-p', String(pid)]).then(({ stdout }) => stdout);
  return readFile(`/proc/${pid}/cmdline`, 'utf8')
    .catch(listed)
    .catch(() => '');
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
