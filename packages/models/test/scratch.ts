import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { goldenFolder } from './golden.js';

/** Runs `body` with an empty folder that is removed afterwards. */
export async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'lowrank-models-'));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs `body` with a copy of a golden folder, to be changed at will. */
export function withCopy(name: string, body: (folder: string) => Promise<void>): Promise<void> {
  return withFolder(async (folder) => {
    await cp(goldenFolder(name), folder, { recursive: true });
    await body(folder);
  });
}

/** Sets keys of a JSON file; undefined takes one away. */
export async function changeJson(path: string, change: Record<string, unknown>): Promise<void> {
  await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), ...change }));
}
