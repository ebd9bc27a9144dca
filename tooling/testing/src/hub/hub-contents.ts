import { createHash } from 'node:crypto';

/** A repository as the hub of a test has it. */
export interface HubContents {
  /** Bytes by path; those of `.safetensors`, `.gguf` and `.bin` files are in LFS. */
  files: Record<string, Uint8Array>;
  /** 40 hexadecimal digits. Default: a hash of names and bytes. */
  commit?: string;
  /** Branches and tags beside `main`, by the commit that they stand at. */
  refs?: Record<string, string>;
  /** The token without which it is closed. */
  gated?: string;
  /** Replaces the tree's answer: what a hostile hub would list. */
  listing?: unknown;
  /** Headers that go with it. */
  link?: Record<string, string>;
}

export interface StoredFile {
  path: string;
  bytes: Uint8Array;
  /** Git's hash of the blob, or of the pointer to LFS. */
  oid: string;
  /** Of a file in LFS. */
  sha256?: string;
}

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

export const gitHash = (bytes: Uint8Array) =>
  createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');

export function storedFiles({ files }: HubContents): StoredFile[] {
  return Object.entries(files).map(([path, bytes]) =>
    /\.(safetensors|gguf|bin)$/.test(path)
      ? { path, bytes, oid: gitHash(Buffer.from(sha256(bytes))), sha256: sha256(bytes) }
      : { path, bytes, oid: gitHash(bytes) },
  );
}

export function commitOf({ commit, files }: HubContents): string {
  if (commit !== undefined) return commit;
  const hash = createHash('sha1');
  for (const [path, bytes] of Object.entries(files)) hash.update(path).update(bytes);
  return hash.digest('hex');
}
