import { fileSink } from './sink.js';

/**
 * Writes a file so that a crash at any moment leaves the old bytes or the new ones, never a mixture. Node only.
 * Throws `file-unwritable` with path and reason; the old file is then untouched and nothing is left behind.
 */
export async function writeFileAtomic(path: string, bytes: Uint8Array | Uint8Array[]): Promise<void> {
  const sink = await fileSink(path);
  for (const part of Array.isArray(bytes) ? bytes : [bytes]) await sink.write(part);
  await sink.finish();
  await sink.commit();
}
