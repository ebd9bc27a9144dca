import type { FileHandle } from 'node:fs/promises';
import { unwritable } from './file-errors.js';
import { sync, syncFolder } from './sync-folder.js';
import { unfinishedName } from './unfinished.js';

/**
 * Where bytes go, one part after the other: a file, a browser's stream, or anything a caller wraps. Whoever opened it
 * calls `finish` and `commit`, or else `discard`.
 */
export interface ByteSink {
  /** What messages call it: a path, where it has one. */
  readonly name: string;
  /** Appends; the sink keeps no reference once it is done. Throws `file-unwritable`. */
  write(bytes: Uint8Array): Promise<void>;
  /** Sees to it that everything written is where it will stay, under no name yet. Throws `file-unwritable`. */
  finish(): Promise<void>;
  /** Gives it its name, over what had it before, after `finish`. Throws `file-unwritable`, and that one stays. */
  commit(): Promise<void>;
  /** Leaves nothing behind. Does nothing after a commit. */
  discard(): Promise<void>;
}

/**
 * A sink into a file, Node only, so that a crash at any moment leaves the old bytes or the new ones, never a mixture:
 * a temporary file in the same folder, fsync, rename, fsync of the folder. Throws `file-unwritable` with path and reason.
 */
export async function fileSink(path: string): Promise<ByteSink> {
  const { open, rename, rm } = await import('node:fs/promises');
  const { dirname, join } = await import('node:path');
  const folder = dirname(path);
  const temporary = join(folder, unfinishedName());
  let file: FileHandle | undefined;
  const discard = async () => {
    await file?.close().catch(() => {});
    file = undefined;
    await rm(temporary, { force: true }).catch(() => {});
  };
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
    file = await open(temporary, 'wx');
  });
  const finish = async () => {
    if (file) await sync(file);
    await file?.close();
    file = undefined;
  };
  const commit = async () => {
    await rename(temporary, path);
    await syncFolder(folder);
  };
  return {
    name: path,
    write: (bytes) => orDiscard(() => writeAll(file as FileHandle, bytes)),
    finish: () => orDiscard(finish),
    commit: () => orDiscard(commit),
    discard,
  };
}

/**
 * A sink into a browser's stream, such as that of an OPFS file's `createWritable()`, which keeps the old file until it
 * is closed. `commit` closes it, `discard` aborts it. Throws `file-unwritable` with the stream's own reason.
 *
 * @param name what messages call it
 */
export function streamSink(name: string, stream: WritableStream<Uint8Array>): ByteSink {
  const writer = stream.getWriter();
  const orThrow = (work: Promise<void>) =>
    work.catch((error: unknown) => {
      throw unwritable(name, error);
    });
  let open = true;
  return {
    name,
    write: (bytes) => orThrow(writer.write(bytes)),
    finish: () => orThrow(writer.ready),
    commit: async () => {
      await orThrow(writer.close());
      open = false;
    },
    discard: async () => {
      if (open) await writer.abort().catch(() => {});
      open = false;
    },
  };
}

/** A folder cannot be replaced; a device or pipe could, by whoever may, and would be gone. */
async function refuseOther(path: string): Promise<void> {
  const { stat } = await import('node:fs/promises');
  const there = await stat(path).catch(() => undefined);
  if (there?.isDirectory()) throw Object.assign(new Error('is a folder'), { code: 'EISDIR' });
  if (there && !there.isFile()) throw new Error('it is a device or a pipe, and a file would take its place');
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, Math.min(bytes.length - done, 2 ** 30));
    done += bytesWritten;
  }
}
