import type { FileHandle } from 'node:fs/promises';
import { cannotWrite } from './cannot-write.js';
import type { PartialFile } from './hub-cache.js';
import type { NodeModules } from './node-modules.js';

/** What was left mid-write is another's until it has been still for so long, in ms. */
const abandoned = 60_000;

/**
 * The bytes of `blob` that an earlier try left, taken over under a name of our own, so that two processes never write
 * into one file; or a new file.
 */
export async function nodePartial(node: NodeModules, blob: string): Promise<PartialFile> {
  const { fs, crypto } = node;
  const own = `${blob}.${crypto.randomUUID()}.lowrank.incomplete`;
  const left = `${blob}.lowrank.incomplete`;
  let file: FileHandle;
  try {
    for (const earlier of await leftOver(node, blob, left)) {
      if (await renamed(fs.rename(earlier, own))) break;
    }
    file = await fs.open(own, 'a+');
  } catch (error) {
    throw cannotWrite(blob, error);
  }
  let { size } = await file.stat();
  let open = true;
  const closing = async () => {
    if (open) await file.close();
    open = false;
  };
  const orSay = <Result>(work: Promise<Result>) =>
    work.catch((error: unknown) => Promise.reject(cannotWrite(blob, error)));
  return {
    get size() {
      return size;
    },
    read: () => node.fsSync.createReadStream(own, { end: Math.max(0, size - 1) }),
    async append(bytes) {
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await orSay(file.write(bytes, done, bytes.length - done));
        done += bytesWritten;
        size += bytesWritten;
      }
    },
    async clear() {
      await orSay(file.truncate(0));
      size = 0;
    },
    async finish() {
      await orSay(synced(node, file));
      await closing();
      await orSay(fs.rename(own, blob));
    },
    async release() {
      if (!open) return;
      await closing();
      if (size === 0) await fs.rm(own, { force: true });
      else await fs.rename(own, left).catch(() => {});
    },
  };
}

/** By the descriptor: the handles that Yarn's Plug'n'Play gives have no `sync` of their own. */
function synced({ fsSync }: NodeModules, { fd }: FileHandle): Promise<void> {
  return new Promise((resolve, reject) => fsSync.fsync(fd, (error) => (error ? reject(error) : resolve())));
}

/** What earlier tries left of a file and nobody writes to, longest first. A link is none of ours. */
async function leftOver({ fs, path }: NodeModules, blob: string, released: string): Promise<string[]> {
  const folder = path.dirname(blob);
  const found: { name: string; size: number }[] = [];
  for (const entry of await fs.readdir(folder)) {
    const name = path.join(folder, entry);
    const ours = entry.startsWith(`${path.basename(blob)}.`) && entry.endsWith('.lowrank.incomplete');
    if (!ours && name !== `${blob}.incomplete`) continue;
    const state = await fs.lstat(name).catch(() => undefined);
    const free = name === released || (state && Date.now() - state.mtimeMs > abandoned);
    if (state?.isFile() && free) found.push({ name, size: state.size });
  }
  return found.sort((a, b) => b.size - a.size).map(({ name }) => name);
}

function renamed(work: Promise<void>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}
