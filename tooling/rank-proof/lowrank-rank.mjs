import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const main = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));

/** Runs `lowrank rank`, as built, in a process of its own. @returns its result, as `--json` has it */
export async function lowrankRank(args) {
  const command = [main, 'rank', ...args, '--backend', 'node', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, command, { maxBuffer: 2 ** 28 });
  return JSON.parse(stdout.trim().split('\n').at(-1));
}
