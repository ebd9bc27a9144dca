import { execFile, execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { python } from '../provide-python.mjs';

/** Whether that environment has a package. */
export function hasPackage(name: string): boolean {
  try {
    execFileSync(python, ['-c', `import importlib.util as u, sys; sys.exit(u.find_spec("${name}") is None)`]);
    return true;
  } catch {
    return false;
  }
}

/** Runs a script of this folder and gives what it prints, parsed as JSON. */
export async function runPython(script: string, ...args: string[]): Promise<unknown> {
  const path = fileURLToPath(new URL(`../${script}`, import.meta.url));
  const { stdout } = await promisify(execFile)(python, [path, ...args], { maxBuffer: 2 ** 28 });
  return JSON.parse(stdout);
}
