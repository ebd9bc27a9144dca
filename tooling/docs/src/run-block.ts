import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Runs a file in a process of its own, in an empty folder, and gives what it wrote to stdout. */
export async function runBlock(file: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lowrank-docs-'));
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: folder });
    return stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}
