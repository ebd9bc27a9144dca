import type { PartialFile } from './hub-cache.js';
import { folderAt, writeBytes, writeText } from './opfs-files.js';
import { bytesIn, doneMark, partsOf } from './opfs-parts.js';

/** A page that closes loses at most so many bytes of a download. */
const partSize = 2 ** 23;

/**
 * A file's bytes as parts, each of which stays once it is written: a file that is open while a page closes is lost.
 * Other tabs that fetch it wait.
 */
export async function opfsPartial(name: string, path: string[]): Promise<PartialFile> {
  const unlock = await locked(path.join('/'));
  const folder = await folderAt(path, true);
  let parts = (await partsOf(folder)).length;
  let size = bytesIn(await partsOf(folder));
  let waiting: Uint8Array<ArrayBuffer>[] = [];
  let waitingBytes = 0;
  const flush = async () => {
    if (waitingBytes === 0) return;
    await writeBytes(folder, String(parts), waiting);
    parts++;
    [waiting, waitingBytes] = [[], 0];
  };
  return {
    get size() {
      return size;
    },
    async *read() {
      for (const part of await partsOf(folder)) {
        for (let at = 0; at < part.size; at += 2 ** 20) {
          yield new Uint8Array(await part.slice(at, at + 2 ** 20).arrayBuffer());
        }
      }
    },
    async append(bytes) {
      waiting.push(bytes as Uint8Array<ArrayBuffer>);
      waitingBytes += bytes.length;
      size += bytes.length;
      if (waitingBytes >= partSize) await flush();
    },
    async clear() {
      for (const entry of await partsOf(folder)) await folder.removeEntry(entry.name);
      [parts, size, waiting, waitingBytes] = [0, 0, [], 0];
    },
    async finish() {
      await flush();
      await writeText(path, doneMark, name);
    },
    async release() {
      try {
        await flush();
      } finally {
        unlock();
      }
    },
  };
}

/** Holds a lock over all tabs until the function it gives is called. */
async function locked(name: string): Promise<() => void> {
  let unlock = () => {};
  const held = new Promise<void>((resolve) => (unlock = resolve));
  await new Promise<void>((granted) => {
    void navigator.locks.request(`lowrank:${name}`, () => {
      granted();
      return held;
    });
  });
  return unlock;
}
