import { LowrankError } from '@lowrank/core/plan';
import type { FileHandle } from 'node:fs/promises';
import { unreadable } from './file-errors.js';

/** Bytes that can be read in parts: a file, a buffer, or anything a caller wraps. */
export interface ByteSource {
  /** What messages call it: a path, where it has one. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** A fresh copy of `length` bytes from `offset` on; the caller may keep and change it. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** A source over bytes already in memory, which it does not copy until they are read. */
export function bytesSource(name: string, bytes: Uint8Array): ByteSource {
  const size = bytes.byteLength;
  return {
    name,
    size,
    async read(offset, length) {
      if (offset + length > size) throw tooShort(name, offset + length, size);
      return new Uint8Array(bytes.subarray(offset, offset + length));
    },
    async close() {},
  };
}

/**
 * A source over a file, Node only. The caller closes it.
 * Throws `file-missing` when it is not there, `file-invalid` when it is no plain file or cannot be read.
 */
export async function fileSource(path: string): Promise<ByteSource> {
  const { open, stat } = await import('node:fs/promises');
  let file: FileHandle;
  try {
    // Asked before opening: opening a pipe would wait for a writer.
    const kind = await stat(path);
    if (!kind.isFile()) throw new Error(kind.isDirectory() ? 'it is a folder' : 'it is no plain file');
    file = await open(path, 'r');
  } catch (error) {
    throw unreadable(path, error);
  }
  const { size } = await file.stat();
  return {
    name: path,
    size,
    read: (offset, length) => readRange(file, path, offset, length),
    close: () => file.close(),
  };
}

/** Node reads at most 2 GiB at once. */
const largestRead = 2 ** 30;

async function readRange(file: FileHandle, path: string, offset: number, length: number): Promise<Uint8Array> {
  const { size } = await file.stat();
  if (offset + length > size) throw tooShort(path, offset + length, size);
  const bytes = allocate(path, length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await readPart(file, path, bytes, done, offset + done);
    if (bytesRead === 0) throw tooShort(path, offset + length, offset + done);
    done += bytesRead;
  }
  return bytes;
}

function allocate(name: string, length: number): Uint8Array {
  try {
    return new Uint8Array(length);
  } catch (cause) {
    throw new LowrankError('file-invalid', {
      given: name,
      rule: `${length} bytes of it are wanted at once, and there is no memory for them`,
      fix: 'check that it is the file you mean',
      cause,
    });
  }
}

async function readPart(file: FileHandle, path: string, bytes: Uint8Array, at: number, position: number) {
  try {
    return await file.read(bytes, at, Math.min(bytes.length - at, largestRead), position);
  } catch (error) {
    throw unreadable(path, error);
  }
}

function tooShort(name: string, wanted: number, size: number): LowrankError {
  return new LowrankError('file-invalid', {
    given: name,
    rule: `it ends at byte ${size} where ${wanted} bytes are needed`,
    fix: 'get the whole file again',
  });
}
