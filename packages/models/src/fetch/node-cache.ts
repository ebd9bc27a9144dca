import { writeFileAtomic } from '@lowrank/formats';
import { folderOf } from '../folder/model-folder.js';
import { cannotWrite } from './cannot-write.js';
import type { HubCache, RepoCache } from './hub-cache.js';
import { folderIn, realInside } from './inside.js';
import { nodePartial } from './node-partial.js';
import { linkBlob, listSnapshot } from './node-snapshot.js';
import type { NodeModules } from './node-modules.js';

/**
 * The cache of Hugging Face's own libraries in `cacheDir`, as Python's writes and reads it:
 * `models--owner--name/blobs`, `snapshots` and `refs`.
 */
export function nodeCache(node: NodeModules, cacheDir: string): HubCache {
  const { fs, path } = node;
  const root = path.resolve(cacheDir);
  return {
    name: root,
    async repos() {
      const names = await fs.readdir(root).catch(() => [] as string[]);
      return names.filter((name) => name.startsWith('models--')).map((name) => name.slice(8).replaceAll('--', '/'));
    },
    repo: (id) => repoCache(node, root, path.join(root, `models--${id.replace('/', '--')}`)),
  };
}

function repoCache(node: NodeModules, root: string, repo: string): RepoCache {
  const { fs, path } = node;
  const snapshot = (commit: string) => path.join(repo, 'snapshots', commit);
  const blob = (hash: string) => path.join(repo, 'blobs', hash);
  const sizeOf = async (file: string) => {
    const real = await realInside(node, [repo, root], file);
    return real === undefined ? undefined : (await fs.stat(real)).size;
  };
  const text = (file: string) => fs.readFile(file, 'utf8').catch(() => undefined);
  const writeText = async (parts: string[], content: string) => {
    const folder = await folderIn(node, repo, parts.slice(0, -1));
    await writeFileAtomic(path.join(folder, parts.at(-1) as string), new TextEncoder().encode(content));
  };
  return {
    async readRef(revision) {
      const commit = (await text(path.join(repo, 'refs', revision)))?.trim();
      return commit !== undefined && /^[0-9a-f]{40}$/.test(commit) ? commit : undefined;
    },
    writeRef: (revision, commit) => writeText(['refs', ...revision.split('/')], commit),
    list: (commit) => listSnapshot(node, [repo, root], snapshot(commit)),
    readNote: (commit, name) => text(path.join(repo, 'lowrank', commit, encodeURIComponent(name))),
    writeNote: (commit, name, note) => writeText(['lowrank', commit, encodeURIComponent(name)], note),
    folder: (commit) => ({ ...folderOf(snapshot(commit)), path: snapshot(commit) }),
    async has(commit, file) {
      if ((await sizeOf(path.join(snapshot(commit), file.path))) === file.size) return 'file';
      return (await sizeOf(blob(file.hash))) === file.size ? 'bytes' : undefined;
    },
    async link(commit, file) {
      const parts = ['snapshots', commit, ...file.path.split('/')];
      const folder = await folderIn(node, repo, parts.slice(0, -1));
      await linkBlob(node, blob(file.hash), path.join(folder, parts.at(-1) as string));
    },
    async partial(file) {
      return nodePartial(node, path.join(await folderIn(node, repo, ['blobs']), file.hash));
    },
    async reserve(bytes) {
      const folder = await folderIn(node, repo, []);
      const { bavail, bsize } = await fs.statfs(folder);
      if (bytes <= bavail * bsize) return;
      const lacking = new Error(`${bytes} bytes are needed, and ${bavail * bsize} are free on its disk`);
      throw cannotWrite(root, lacking);
    },
  };
}
