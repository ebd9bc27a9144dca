import { downloadInto } from './download-file.js';
import type { RepoCache } from './hub-cache.js';
import type { HubRepo } from './hub-repo.js';
import type { RepoFile } from './repo-file.js';

/** How far a fetch is. */
export interface FetchProgress {
  /** The file that is on its way. */
  file: string;
  /** Its bytes that are here, and all it has. */
  bytes: number;
  size: number;
  /** The same over all files that are known to be needed. */
  totalBytes: number;
  totalSize: number;
}

export interface FetchFilesOptions {
  repo: string;
  commit: string;
  hub: HubRepo;
  cache: RepoCache;
  retries: number;
  onProgress?: ((progress: FetchProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** Brings files of a commit into the cache, one after another. Those that are there are left as they are. */
export async function fetchFiles(files: RepoFile[], options: FetchFilesOptions): Promise<void> {
  const { cache, commit } = options;
  const totalSize = files.reduce((sum, { size }) => sum + size, 0);
  const missing: RepoFile[] = [];
  for (const file of files) {
    const has = await cache.has(commit, file);
    if (has === 'bytes') await cache.link(commit, file);
    else if (has === undefined) missing.push(file);
  }
  const lacking = missing.reduce((sum, { size }) => sum + size, 0);
  if (lacking > 0) await cache.reserve(lacking);
  let done = totalSize - lacking;
  for (const file of missing) {
    await fetchOne(file, options, (bytes) => {
      const { path, size } = file;
      options.onProgress?.({ file: path, bytes, size, totalBytes: done + bytes, totalSize });
    });
    done += file.size;
  }
}

async function fetchOne(
  file: RepoFile,
  { repo, commit, hub, cache, retries, signal }: FetchFilesOptions,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const partial = await cache.partial(file);
  try {
    // Another process may have brought it while this one waited.
    if ((await cache.has(commit, file)) === undefined) {
      const open = (from: number) => hub.open(commit, file, from);
      await downloadInto(partial, { file, name: `${repo}/${file.path}`, open, retries, onBytes, signal });
    }
  } finally {
    await partial.release();
  }
  await cache.link(commit, file);
}
