import { unwritable } from './file-errors.js';
import { fileSink, type ByteSink } from './sink.js';

/** The bytes of a file, or what writes them part by part. */
export type FileContent = Uint8Array | ((sink: Pick<ByteSink, 'name' | 'write'>) => Promise<void>);

export interface WriteFolderOptions {
  /** Which files of an earlier write go, once the new ones are in place; those just written stay. */
  replaces?: (name: string) => boolean;
}

/**
 * Writes files that belong together into a folder, making it when it is not there. All are on the disk before the
 * first takes its name, so that a failure leaves what was there as it was; they take their names in the order given,
 * so give the one last without which the others are nothing. Node only. Throws `file-unwritable`.
 */
export async function writeFolder(
  folder: string,
  files: ReadonlyMap<string, FileContent>,
  { replaces }: WriteFolderOptions = {},
): Promise<void> {
  const { join } = await import('node:path');
  const unmake = await makeFolder(folder);
  const staged: ByteSink[] = [];
  try {
    for (const [name, content] of files) {
      const sink = await fileSink(join(folder, name));
      staged.push(sink);
      await (typeof content === 'function' ? content(sink) : sink.write(content));
      await sink.finish();
    }
    for (const sink of staged) await sink.commit();
  } catch (error) {
    for (const sink of staged) await sink.discard();
    await unmake();
    throw error;
  }
  if (replaces) await removeOthers(folder, (name) => replaces(name) && !files.has(name));
}

async function removeOthers(folder: string, isOld: (name: string) => boolean): Promise<void> {
  const { readdir, rm } = await import('node:fs/promises');
  const { join } = await import('node:path');
  for (const name of (await readdir(folder)).filter(isOld)) {
    await rm(join(folder, name)).catch((error: unknown) => {
      throw unwritable(join(folder, name), error);
    });
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
