import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The name of the queue of a sweep's folder, kept in `queue.txt` inside it. Machines may mount the folder at different
 * paths, and one Redis may serve many sweeps, so the name is drawn once by whoever comes first.
 */
export async function queueName(folder: string): Promise<string> {
  const path = join(folder, 'queue.txt');
  await mkdir(folder, { recursive: true });
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, `lowrank-${randomUUID()}\n`);
  try {
    // Unlike a rename, a link never replaces what another machine has just written, and it is there whole.
    await link(draft, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(draft);
  }
  return (await readFile(path, 'utf8')).trim();
}
