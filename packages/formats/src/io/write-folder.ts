import { stageFile, type StagedFile } from './atomic-write.js';
import { unwritable } from './file-errors.js';

/**
 * Writes files that belong together into a folder, making it when it is not there. All are on the disk before the
 * first takes its name, so that a failure leaves what was there as it was; they take their names in the order given,
 * so give the one last without which the others are nothing. Node only. Throws `file-unwritable`.
 */
export async function writeFolder(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const { join } = await import('node:path');
  const unmake = await makeFolder(folder);
  const staged: StagedFile[] = [];
  try {
    for (const [name, bytes] of files) staged.push(await stageFile(join(folder, name), bytes));
    for (const file of staged) await file.commit();
  } catch (error) {
    for (const file of staged) await file.discard();
    await unmake();
    throw error;
  }
}

/** Gives what removes the folders it made, as far as they are empty. */
async function makeFolder(folder: string): Promise<() => Promise<void>> {
  const { mkdir, rmdir } = await import('node:fs/promises');
  const { dirname, resolve } = await import('node:path');
  let first: string | undefined;
  try {
    first = await mkdir(folder, { recursive: true });
  } catch (error) {
    throw unwritable(folder, error);
  }
  return async () => {
    if (first === undefined) return;
    try {
      const above = dirname(resolve(first));
      for (let path = resolve(folder); path !== above; path = dirname(path)) await rmdir(path);
    } catch {
      // Someone else put something there meanwhile: it stays.
    }
  };
}
