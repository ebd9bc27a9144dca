import { cannotWrite } from './cannot-write.js';
import type { CachedFile } from './hub-cache.js';
import { realInside } from './inside.js';
import type { NodeModules } from './node-modules.js';

/** The files of a snapshot's folder by path, links that lead nowhere left out. Throws `file-invalid`. */
export async function listSnapshot(
  node: NodeModules,
  roots: string[],
  folder: string,
): Promise<Map<string, CachedFile>> {
  const { fs, path } = node;
  const files = new Map<string, CachedFile>();
  const entries = await fs.readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (entry.isDirectory() || entry.name.startsWith('.lowrank-')) continue;
    const file = path.join(entry.parentPath, entry.name);
    const real = await realInside(node, roots, file);
    const found = real === undefined ? undefined : await fs.stat(real);
    if (!found?.isFile()) continue;
    const name = path.relative(folder, file).split(path.sep).join('/');
    const hash = entry.isSymbolicLink() ? path.basename(await fs.readlink(file)) : '';
    files.set(name, { path: name, size: found.size, ...(/^[0-9a-f]{40,64}$/.test(hash) && { hash }) });
  }
  return files;
}

/** Points `pointer` to a blob, over an older one; where a system has no links, the blob itself goes there. */
export async function linkBlob({ fs, path, crypto }: NodeModules, blob: string, pointer: string): Promise<void> {
  const folder = path.dirname(pointer);
  const temporary = path.join(folder, `.lowrank-${crypto.randomUUID()}`);
  try {
    const linked = await fs.symlink(path.relative(folder, blob), temporary).then(
      () => true,
      () => false,
    );
    await fs.rename(linked ? temporary : blob, pointer);
  } catch (error) {
    await fs.rm(temporary, { force: true }).catch(() => {});
    throw cannotWrite(pointer, error);
  }
}
