import { LowrankError } from '@lowrank/core';
import { contentHash, type ContentHash } from './content-hash.js';
import type { PartialFile } from './hub-cache.js';
import { unreachable } from './hub-errors.js';
import { backOff } from './hub-fetch.js';
import type { RepoFile } from './repo-file.js';
import { untrusted } from './untrusted.js';
import { wait } from './wait.js';

export interface DownloadOptions {
  file: RepoFile;
  /** What messages call it. */
  name: string;
  /** Its bytes from an offset on. */
  open: (from: number) => Promise<ReadableStream<Uint8Array>>;
  /** How often it is gone on with after a cut that brought no byte. */
  retries: number;
  /** Is told how many bytes of it are there, as they come. */
  onBytes: (bytes: number) => void;
  signal?: AbortSignal | undefined;
}

/**
 * Brings the bytes of `partial` to those that `file.hash` names, from where an earlier try ended.
 * Throws `file-invalid`, leaving nothing, for bytes of another hash or number; else what `open` or `partial` throws.
 */
export async function downloadInto(partial: PartialFile, options: DownloadOptions): Promise<void> {
  const { file, name, onBytes } = options;
  if (partial.size > file.size) await partial.clear();
  const resumed = partial.size > 0;
  const hash = await contentHash(file);
  for await (const part of partial.read()) hash.update(part);
  onBytes(partial.size);
  try {
    await fill(partial, hash, options);
    checkHash(hash.digest(), file, name);
  } catch (error) {
    if (!LowrankError.is(error, 'file-invalid')) throw error;
    await partial.clear();
    // What lay here may have been damaged: it gets one chance from the start.
    if (resumed) return downloadInto(partial, options);
    throw error;
  }
  await partial.finish();
}

function checkHash(got: string, file: RepoFile, name: string): void {
  if (got === file.hash) return;
  throw new LowrankError('file-invalid', {
    given: name,
    rule: `its checksum is ${got} where the hub says ${file.hash}`,
    fix: 'try again; if it stays so, do not trust the repository, or its mirror',
  });
}

async function fill(partial: PartialFile, hash: ContentHash, options: DownloadOptions): Promise<void> {
  const { file, name, open, retries, signal } = options;
  for (let fruitless = 0; partial.size < file.size;) {
    const before = partial.size;
    let cut: unknown;
    try {
      await drain(await open(before), partial, hash, options);
      cut = new Error(`it ends at byte ${partial.size} of ${file.size}`);
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (LowrankError.is(error)) throw error;
      cut = error;
    }
    if (partial.size >= file.size) return;
    fruitless = partial.size > before ? 0 : fruitless + 1;
    if (fruitless > retries) throw unreachable(name, cut);
    await wait(backOff(fruitless), signal);
  }
}

/** Longest time without a byte, in ms. */
const stall = 60_000;

async function drain(
  stream: ReadableStream<Uint8Array>,
  partial: PartialFile,
  hash: ContentHash,
  { file, name, onBytes, signal }: DownloadOptions,
): Promise<void> {
  const reader = stream.getReader();
  // A pending read ends with the stream's cancellation, and says nothing of why.
  let broken: unknown;
  const breakOff = (reason: unknown) => {
    broken = reason;
    reader.cancel().catch(() => {});
  };
  const aborted = () => breakOff(signal?.reason);
  let timer: ReturnType<typeof setTimeout> | undefined;
  signal?.addEventListener('abort', aborted);
  try {
    for (;;) {
      timer = setTimeout(() => breakOff(new Error(`no byte in ${stall / 1000} s`)), stall);
      const { done, value } = await reader.read();
      clearTimeout(timer);
      if (broken !== undefined) throw broken;
      if (done) return;
      if (partial.size + value.length > file.size) {
        throw untrusted(name, `it goes on after the ${file.size} bytes that the hub lists`);
      }
      await partial.append(value);
      hash.update(value);
      onBytes(partial.size);
    }
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', aborted);
    reader.cancel().catch(() => {});
  }
}
