import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Runs a file in a process of its own, in `folder`, and gives what it wrote to stdout. */
export async function runBlock(file: string, folder: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: folder });
  return stdout;
}
