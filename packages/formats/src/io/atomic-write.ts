import type { FileHandle } from 'node:fs/promises';
import { unwritable } from './file-errors.js';

/** A file whose bytes are on the disk under another name, waiting to take its own. */
export interface StagedFile {
  /** Puts it in place, over an older file. Throws `file-unwritable`, leaving that one untouched. */
  commit(): Promise<void>;
  /** Removes it. Does nothing after a commit. */
  discard(): Promise<void>;
}

/**
 * Writes a file so that a crash at any moment leaves the old bytes or the new ones, never a mixture:
 * a temporary file in the same folder, fsync, rename, fsync of the folder. Node only.
 * Throws `file-unwritable` with path and reason; the old file is then untouched and nothing is left behind.
 */
export async function writeFileAtomic(path: string, bytes: Uint8Array | Uint8Array[]): Promise<void> {
  const staged = await stageFile(path, bytes);
  await staged.commit();
}

/** The first half of an atomic write, for files that must change together: stage all, then commit all. */
export async function stageFile(path: string, bytes: Uint8Array | Uint8Array[]): Promise<StagedFile> {
  const { rename, rm } = await import('node:fs/promises');
  const { dirname, join } = await import('node:path');
  const folder = dirname(path);
  const temporary = join(folder, `.lowrank-${globalThis.crypto.randomUUID()}.tmp`);
  const discard = () => rm(temporary, { force: true }).catch(() => {});
  const orDiscard = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      await discard();
      throw unwritable(path, error);
    }
  };
  await orDiscard(async () => {
    await refuseOther(path);
    await writeSynced(temporary, Array.isArray(bytes) ? bytes : [bytes]);
  });
  const commit = () =>
    orDiscard(async () => {
      await rename(temporary, path);
      await syncFolder(folder);
    });
  return { commit, discard };
}

/** A folder cannot be replaced; a device or pipe could, by whoever may, and would be gone. */
async function refuseOther(path: string): Promise<void> {
  const { stat } = await import('node:fs/promises');
  const there = await stat(path).catch(() => undefined);
  if (there?.isDirectory()) throw Object.assign(new Error('is a folder'), { code: 'EISDIR' });
  if (there && !there.isFile()) throw new Error('it is a device or a pipe, and a file would take its place');
}

async function writeSynced(path: string, parts: Uint8Array[]): Promise<void> {
  const { open } = await import('node:fs/promises');
  const file = await open(path, 'wx');
  try {
    for (const part of parts) await writeAll(file, part);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, Math.min(bytes.length - done, 2 ** 30));
    done += bytesWritten;
  }
}

/** Systems that cannot sync a folder say so with one of these; the rename itself has happened. */
const cannotSyncFolder = new Set(['EACCES', 'EBADF', 'EINVAL', 'EISDIR', 'ENOTSUP', 'EPERM']);

async function syncFolder(path: string): Promise<void> {
  const { open } = await import('node:fs/promises');
  try {
    const folder = await open(path, 'r');
    await folder.sync().finally(() => folder.close());
  } catch (error) {
    if (!cannotSyncFolder.has(String((error as { code?: unknown }).code))) throw error;
  }
}
