import { LowrankError } from '@lowrank/core';
import type { ByteSource } from '@lowrank/formats';

/** In the folder of a file's bytes: there once they are whole and checked. */
export const doneMark = 'done';

/** The parts `0`, `1`, … of a file, in order; a part that a closed page left empty ends them. */
export async function partsOf(folder: FileSystemDirectoryHandle): Promise<File[]> {
  const parts: File[] = [];
  for (;;) {
    const handle = await folder.getFileHandle(String(parts.length)).catch(() => undefined);
    const part = await handle?.getFile();
    if (!part || part.size === 0) return parts;
    parts.push(part);
  }
}

export function bytesIn(parts: File[]): number {
  return parts.reduce((sum, { size }) => sum + size, 0);
}

/** Whether a folder holds so many bytes, checked. */
export async function whole(folder: FileSystemDirectoryHandle, size: number): Promise<boolean> {
  const mark = await folder.getFileHandle(doneMark).catch(() => undefined);
  return mark !== undefined && bytesIn(await partsOf(folder)) === size;
}

/** The parts of a file as one source: a read touches only the bytes that it is asked for. */
export function partsSource(name: string, size: number, parts: File[]): ByteSource {
  const all = new Blob(parts);
  return {
    name,
    size,
    async read(offset, length) {
      const bytes = new Uint8Array(await all.slice(offset, offset + length).arrayBuffer());
      if (bytes.length === length && offset + length <= size) return bytes;
      throw new LowrankError('file-invalid', {
        given: name,
        rule: `it ends at byte ${Math.min(size, all.size)} where ${offset + length} bytes are needed`,
        fix: 'fetch the file again',
      });
    },
    async close() {},
  };
}
