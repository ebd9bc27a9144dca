import { cannotWrite } from './cannot-write.js';

/** A folder of the page's own file system, made where it is not there if `create` says so. */
export async function folderAt(path: string[], create: true): Promise<FileSystemDirectoryHandle>;
export async function folderAt(path: string[], create: false): Promise<FileSystemDirectoryHandle | undefined>;
export async function folderAt(path: string[], create: boolean): Promise<FileSystemDirectoryHandle | undefined> {
  try {
    let folder = await navigator.storage.getDirectory();
    for (const part of path) folder = await folder.getDirectoryHandle(part, { create });
    return folder;
  } catch (error) {
    if (!create && (error as Error).name === 'NotFoundError') return undefined;
    throw cannotWrite(path.join('/'), error);
  }
}

/** The text of a file, or undefined when there is none. */
export async function fileText(path: string[], name: string): Promise<string | undefined> {
  const folder = await folderAt(path, false);
  const handle = await folder?.getFileHandle(name).catch(() => undefined);
  return (await (await handle?.getFile())?.text()) || undefined;
}

/** Writes a file whole: until it is closed the old one stays. */
export async function writeText(path: string[], name: string, text: string): Promise<void> {
  await writeBytes(await folderAt(path, true), name, [new TextEncoder().encode(text)]);
}

export async function writeBytes(
  folder: FileSystemDirectoryHandle,
  name: string,
  parts: Uint8Array<ArrayBuffer>[],
): Promise<void> {
  try {
    const file = await folder.getFileHandle(name, { create: true });
    const writable = await file.createWritable();
    for (const part of parts) await writable.write(part);
    await writable.close();
  } catch (error) {
    throw cannotWrite(name, error);
  }
}
