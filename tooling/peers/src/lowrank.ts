import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const main = fileURLToPath(new URL('../../../apps/cli/dist/main.js', import.meta.url));

/** Whether the command line is built. */
export const hasLowrank = existsSync(main);
if (!hasLowrank) console.warn('tests of exported adapters are skipped: apps/cli is not built');

/** Runs it in a process of its own, and gives the last object on its stdout. */
export async function lowrank(...args: string[]): Promise<Record<string, unknown>> {
  const options = { maxBuffer: 2 ** 28 };
  const { stdout } = await promisify(execFile)(process.execPath, [main, ...args, '--json'], options);
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) as string);
}
