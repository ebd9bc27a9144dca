import type { HubCache, RepoCache } from './hub-cache.js';
import { fileText, folderAt, writeText } from './opfs-files.js';
import { opfsPartial } from './opfs-partial.js';
import { partsOf, partsSource, whole } from './opfs-parts.js';
import { cannotWrite } from './cannot-write.js';

/** A cache in the folder `name` of the page's own file system (OPFS). */
export function opfsCache(name: string): HubCache {
  return {
    name: `the browser's folder "${name}"`,
    async repos() {
      const root = await folderAt([name], false);
      const names: string[] = [];
      for await (const key of root?.keys() ?? []) names.push(key);
      return names.filter((key) => key.startsWith('models--')).map((key) => key.slice(8).replaceAll('--', '/'));
    },
    repo: (id) => repoCache(id, [name, `models--${id.replace('/', '--')}`]),
  };
}

function repoCache(id: string, repo: string[]): RepoCache {
  const snapshot = (commit: string) => [...repo, 'snapshots', commit];
  const blob = (hash: string) => [...repo, 'blobs', hash];
  const pointer = async (commit: string, path: string) => {
    const text = await fileText(snapshot(commit), encodeURIComponent(path));
    return text === undefined ? undefined : (JSON.parse(text) as { hash: string; size: number });
  };
  return {
    readRef: (revision) => fileText([...repo, 'refs'], encodeURIComponent(revision)),
    writeRef: (revision, commit) => writeText([...repo, 'refs'], encodeURIComponent(revision), commit),
    async list(commit) {
      const folder = await folderAt(snapshot(commit), false);
      const files = new Map();
      for await (const key of folder?.keys() ?? []) {
        const path = decodeURIComponent(key);
        const found = await pointer(commit, path);
        if (found) files.set(path, { path, ...found });
      }
      return files;
    },
    readNote: (commit, name) => fileText([...repo, 'lowrank', commit], encodeURIComponent(name)),
    writeNote: (commit, name, text) => writeText([...repo, 'lowrank', commit], encodeURIComponent(name), text),
    folder: (commit) => ({
      name: `${id}@${commit}`,
      async open(file) {
        const found = await pointer(commit, file);
        const folder = found && (await folderAt(blob(found.hash), false));
        if (!found || !folder) return undefined;
        return partsSource(`${id}/${file}`, found.size, await partsOf(folder));
      },
    }),
    async has(commit, file) {
      const folder = await folderAt(blob(file.hash), false);
      if (!folder || !(await whole(folder, file.size))) return undefined;
      return (await pointer(commit, file.path))?.hash === file.hash ? 'file' : 'bytes';
    },
    link: (commit, { path, hash, size }) =>
      writeText(snapshot(commit), encodeURIComponent(path), JSON.stringify({ hash, size })),
    partial: (file) => opfsPartial(`${id}/${file.path}`, blob(file.hash)),
    async reserve(bytes) {
      const { quota = Infinity, usage = 0 } = await navigator.storage.estimate();
      if (bytes <= quota - usage) return;
      const lacking = new Error(`${bytes} bytes are needed, and the browser allows ${quota - usage} more`);
      throw cannotWrite(id, lacking);
    },
  };
}
