import { LowrankError } from '@lowrank/core';
import { cannotWrite } from './cannot-write.js';
import type { NodeModules } from './node-modules.js';

/**
 * The folder `parts` below `root`, made where it is not there; never through a link, which could lead anywhere.
 * Throws `file-invalid` or `file-unwritable`.
 */
export async function folderIn({ fs, path }: NodeModules, root: string, parts: string[]): Promise<string> {
  try {
    await fs.mkdir(root, { recursive: true });
    let folder = await fs.realpath(root);
    for (const part of parts) {
      folder = path.join(folder, part);
      await fs.mkdir(folder).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      });
      if ((await fs.realpath(folder)) !== folder) throw leadsOutside(folder);
    }
    return folder;
  } catch (error) {
    throw cannotWrite(path.join(root, ...parts), error);
  }
}

/**
 * Where a path of a cache leads once its links are followed, or undefined when nothing is there.
 * Throws `file-invalid` when that is below none of `roots`.
 */
export async function realInside(
  { fs, path }: NodeModules,
  roots: string[],
  file: string,
): Promise<string | undefined> {
  const real = await fs.realpath(file).catch(() => undefined);
  if (real === undefined) return undefined;
  for (const root of roots) {
    const base = await fs.realpath(root).catch(() => root);
    if (real.startsWith(base + path.sep)) return real;
  }
  throw leadsOutside(file);
}

function leadsOutside(path: string): LowrankError {
  return new LowrankError('file-invalid', {
    given: path,
    rule: 'it is a link that leads out of the cache',
    fix: 'remove it, and whatever else put it there may have changed',
  });
}
