import { unwritable } from './file-errors.js';
import { isThere } from './is-there.js';
import { setAside } from './set-aside.js';
import { fileSink, type ByteSink } from './sink.js';

/** The bytes of a file, or what writes them part by part. */
export type FileContent = Uint8Array | ((sink: Pick<ByteSink, 'name' | 'write'>) => Promise<void>);

export interface WriteFolderOptions {
  /** Which files of an earlier write go; those just written stay. */
  replaces?: (name: string) => boolean;
}

/**
 * Writes files that belong together into a folder, making it when it is not there. All are on the disk before the
 * first takes its name, so that a failure leaves what was there as it was; they take their names in the order given,
 * so give the one last without which the others are nothing. Where more than one changes, the earlier one of that name
 * goes first: a process that is killed in between leaves a folder without it, never files of two writes as if they
 * were one. Node only. Throws `file-unwritable`.
 */
export async function writeFolder(
  folder: string,
  files: ReadonlyMap<string, FileContent>,
  { replaces }: WriteFolderOptions = {},
): Promise<void> {
  const unmake = await makeFolder(folder);
  const staged: ByteSink[] = [];
  try {
    await stage(folder, files, staged);
    const old = await oldNames(folder, (name) => (replaces?.(name) ?? false) && !files.has(name));
    await exchange(folder, { files, staged, old });
  } catch (error) {
    for (const sink of staged) await sink.discard();
    await unmake();
    throw error;
  }
}

async function stage(folder: string, files: ReadonlyMap<string, FileContent>, staged: ByteSink[]): Promise<void> {
  const { join } = await import('node:path');
  for (const [name, content] of files) {
    const sink = await fileSink(join(folder, name));
    staged.push(sink);
    await (typeof content === 'function' ? content(sink) : sink.write(content));
    await sink.finish();
  }
}

interface Exchange {
  files: ReadonlyMap<string, FileContent>;
  staged: ByteSink[];
  /** Names of files that go. */
  old: string[];
}

/** Until the first file has its name all can be put back; after that the last one's name stays free. */
async function exchange(folder: string, { files, staged, old }: Exchange): Promise<void> {
  const { join } = await import('node:path');
  const last = staged.at(-1);
  const changed = old.length + (await countChanged(folder, files));
  const aside = last && changed > 1 ? await setAside(last.name) : undefined;
  try {
    await staged[0]?.commit();
  } catch (error) {
    await aside?.back();
    throw error;
  }
  try {
    for (const sink of staged.slice(1, -1)) await sink.commit();
    for (const name of old) await remove(join(folder, name));
    if (staged.length > 1) await last?.commit();
  } finally {
    await aside?.drop();
  }
}

/** How many files will hold other bytes, or any at all; counted from the last, and no further than matters. */
async function countChanged(folder: string, files: ReadonlyMap<string, FileContent>): Promise<number> {
  const { join } = await import('node:path');
  let count = 0;
  for (const [name, content] of [...files].reverse()) {
    if (count > 1) break;
    if (!(await isThere(join(folder, name), content))) count++;
  }
  return count;
}

async function oldNames(folder: string, isOld: (name: string) => boolean): Promise<string[]> {
  const { readdir } = await import('node:fs/promises');
  return (await readdir(folder)).filter(isOld);
}

async function remove(path: string): Promise<void> {
  const { rm } = await import('node:fs/promises');
  await rm(path).catch((error: unknown) => {
    throw unwritable(path, error);
  });
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
