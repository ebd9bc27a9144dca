import { LowrankError } from '@lowrank/core/plan';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';

/** Ms between two looks at whether a process has gone. */
const between = 50;

/** Ms that a process which is told to end has for its running step, as a pod has. */
const longestStep = 120_000;

/** The variable by which a trial's process knows its claim to the trial's folder. */
const variable = 'LOWRANK_CLAIM';

interface Claim {
  host?: string;
  pid?: number;
  claim?: string;
}

const fileIn = (out: string) => join(out, 'process.json');

/**
 * Whose a trial's folder is: one process writes there at a time, even where whoever started it was killed, or was silent for
 * so long that another machine goes on. The last that claimed the folder has it.
 */
export class Owner {
  readonly #file: string;
  readonly #claim = randomUUID();

  /** @param out the trial's folder  @param folder the same, from the sweep's on */
  constructor(
    out: string,
    private readonly folder: string,
  ) {
    this.#file = fileIn(out);
  }

  /** What a process must have in its environment to write into the folder. */
  get environment(): NodeJS.ProcessEnv {
    return { [variable]: this.#claim };
  }

  async take(): Promise<void> {
    await this.#write({ host: hostname() });
  }

  async is(pid: number): Promise<void> {
    if (await this.holds()) await this.#write({ host: hostname(), pid });
  }

  /** Whether no one has claimed the folder since. */
  async holds(): Promise<boolean> {
    return (await claimIn(this.#file)).claim === this.#claim;
  }

  async leave(): Promise<void> {
    if (await this.holds()) await rm(this.#file, { force: true });
  }

  /**
   * Ends a process of this machine that an earlier worker left behind; it keeps what it has learned, unless it does not
   * end within `limit` ms.
   */
  async endEarlier(limit: number = longestStep): Promise<void> {
    const { host, pid } = await claimIn(this.#file);
    if (host !== hostname() || pid === undefined) return;
    const start = performance.now();
    let sent: NodeJS.Signals | undefined;
    // By now the number may be another process's; and one that ended is still listed until its worker hears of it.
    for (; (await commandLine(pid)).includes(this.folder); await setTimeout(between)) {
      const signal = performance.now() - start < limit ? 'SIGTERM' : 'SIGKILL';
      if (signal === sent) continue;
      if (!send(pid, signal)) return;
      sent = signal;
    }
  }

  /** Whole at any moment: who reads half of it would take the folder to be another's. */
  async #write(claim: Claim): Promise<void> {
    const draft = `${this.#file}.${this.#claim}`;
    await writeFile(draft, JSON.stringify({ ...claim, claim: this.#claim }));
    await rename(draft, this.#file);
  }
}

/**
 * Refuses where this process was started for a trial which another process has gone on with since, as after a machine slept.
 * To be asked before each write into the trial's folder.
 *
 * @throws `file-unwritable`
 */
export async function checkClaim(out: string): Promise<void> {
  const ours = process.env[variable];
  if (ours === undefined || (await claimIn(fileIn(out))).claim === ours) return;
  throw new LowrankError('file-unwritable', {
    given: out,
    rule: 'another process goes on with this trial',
    fix: 'leave it to that one: nothing that was kept is lost',
  });
}

/** Nothing where there is no such file. */
async function claimIn(file: string): Promise<Claim> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return '{}';
  });
  try {
    return JSON.parse(text) as Claim;
  } catch {
    return {};
  }
}

/** Empty where it cannot be told, and of a process that has ended. */
async function commandLine(pid: number): Promise<string> {
  const listed = () => promisify(execFile)('ps', ['-o', 'args=', '-p', String(pid)]).then(({ stdout }) => stdout);
  return readFile(`/proc/${pid}/cmdline`, 'utf8')
    .catch(listed)
    .catch(() => '');
}

/** Whether the process is there, and ours. */
function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
