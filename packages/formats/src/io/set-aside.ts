import { unwritable } from './file-errors.js';
import { syncFolder } from './sync-folder.js';
import { unfinishedName } from './unfinished.js';

/** A file that is out of the way while those that belong to it change. */
export interface SetAside {
  /** Gives it its name back. */
  back(): Promise<void>;
  /** Leaves nothing of it. */
  drop(): Promise<void>;
}

/** Takes a file's name from it, until the disk has it so. Gives undefined where there is none. Throws `file-unwritable`. */
export async function setAside(path: string): Promise<SetAside | undefined> {
  const { rename, rm } = await import('node:fs/promises');
  const { dirname, join } = await import('node:path');
  const aside = join(dirname(path), unfinishedName());
  try {
    await rename(path, aside);
    await syncFolder(dirname(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unwritable(path, error);
  }
  return {
    back: () => rename(aside, path).catch(() => {}),
    drop: () => rm(aside, { force: true }).catch(() => {}),
  };
}
