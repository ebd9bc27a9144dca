import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { RunFolder } from '../train/run-folder.js';

/** How many folders below the one that was named are looked into. */
const deepest = 3;

/** The `--out` folders of runs at and below a folder; none where it cannot be read. */
export async function findRuns(folder: string, depth = 0): Promise<string[]> {
  if (new RunFolder(folder).holdsRun) return [folder];
  if (depth === deepest) return [];
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const inner = entries.filter(
    (entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules',
  );
  const found = await Promise.all(inner.map((entry) => findRuns(join(folder, entry.name), depth + 1)));
  return found.flat();
}
