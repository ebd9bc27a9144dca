import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface AskOptions {
  /** Seconds after which a process that has not answered is ended. */
  timeout: number;
  /** Options of Node itself. */
  execArgv?: string[];
}

/** What a process answered, or how it ended without. */
export type Answer<T> = { answer: T } | { ended: string; noise: string };

/**
 * Starts a script beside this one in a process of its own and takes the one message that it sends: whatever a native
 * part does there, it spoils nothing here.
 */
export async function askProcess<T>(
  script: string,
  args: string[],
  { timeout, execArgv = [] }: AskOptions,
): Promise<Answer<T>> {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), args, {
    execArgv: [...process.execArgv, ...execArgv],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let noise = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (noise += String(chunk)));
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, timeout * 1000);
  let answer: T | undefined;
  child.on('message', (message) => (answer = message as T));
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
    child.on('close', (...ending) => resolve(ending));
  });
  clearTimeout(timer);
  if (answer !== undefined) return { answer };
  return { ended: late ? `gave no answer within ${timeout} s` : `ended by ${signal ?? `exit code ${code}`}`, noise };
}
