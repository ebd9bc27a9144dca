import { isSafePath } from './safe-path.js';
import { untrusted } from './untrusted.js';

/** A file of a repository at one commit, by its contents. */
export interface RepoFile {
  /** From the root of the repository. */
  path: string;
  /** In bytes. */
  size: number;
  /** What the cache calls its bytes: their SHA-256, or for a small file git's SHA-1 of them. */
  hash: string;
}

/**
 * What a listing of the hub says of one file, checked: a path that stays in its folder, a size that a file can have, a
 * hash that is one. Throws `file-invalid`.
 *
 * @param repo what messages call the repository
 */
export function repoFile(repo: string, entry: unknown): RepoFile {
  const { path, size, oid, lfs } = entry as { path?: unknown; size?: unknown; oid?: unknown; lfs?: { oid?: unknown } };
  const shown = JSON.stringify(path)?.slice(0, 120) ?? 'nothing';
  if (typeof path !== 'string' || !isSafePath(path)) {
    throw untrusted(`${repo}: a file called ${shown}`, 'it could be written outside of its folder, or under no name');
  }
  if (!Number.isSafeInteger(size) || (size as number) < 0) {
    throw untrusted(`${repo}/${path}: ${JSON.stringify(size)} bytes`, 'no file has that size');
  }
  const hash = lfs ? lfs.oid : oid;
  const digits = lfs ? 64 : 40;
  if (typeof hash !== 'string' || hash.length !== digits || !/^[0-9a-f]+$/.test(hash)) {
    throw untrusted(
      `${repo}/${path}: the hash ${JSON.stringify(hash)?.slice(0, 120)}`,
      `it is not ${digits} hex digits`,
    );
  }
  return { path, size: size as number, hash };
}
