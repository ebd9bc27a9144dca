import { withFolder } from '@lowrank/testing';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { goldenFolder } from './golden.js';

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
