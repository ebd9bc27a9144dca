import type { FileHandle } from 'node:fs/promises';

/** Systems that cannot sync a folder say so with one of these; what was done in it has happened. */
const cannotSyncFolder = new Set(['EACCES', 'EBADF', 'EINVAL', 'EISDIR', 'ENOTSUP', 'EPERM']);

/** Waits until the disk has what names a folder holds, where the system can. */
export async function syncFolder(path: string): Promise<void> {
  const { open } = await import('node:fs/promises');
  try {
    const folder = await open(path, 'r');
    await sync(folder).finally(() => folder.close());
  } catch (error) {
    if (!cannotSyncFolder.has(String((error as { code?: unknown }).code))) throw error;
  }
}

/** By the descriptor: the handles that Yarn's Plug'n'Play gives have no `sync` of their own. */
export async function sync({ fd }: FileHandle): Promise<void> {
  const { fsync } = await import('node:fs');
  await new Promise<void>((resolve, reject) => fsync(fd, (error) => (error ? reject(error) : resolve())));
}
