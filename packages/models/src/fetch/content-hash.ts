import { nodeModules } from './node-modules.js';
import type { RepoFile } from './repo-file.js';

/** The hash of bytes that come part by part. */
export interface ContentHash {
  update(bytes: Uint8Array): void;
  /** Hexadecimal, lower case. Ends it. */
  digest(): string;
}

/** What gives `file.hash` for the right bytes: SHA-256 where it has 64 digits, else git's SHA-1 of a blob. */
export async function contentHash({ hash, size }: Pick<RepoFile, 'hash' | 'size'>): Promise<ContentHash> {
  const sha256 = hash.length === 64;
  const running = await started(sha256 ? 'sha256' : 'sha1');
  if (!sha256) running.update(new TextEncoder().encode(`blob ${size}\0`));
  return running;
}

async function started(algorithm: 'sha256' | 'sha1'): Promise<ContentHash> {
  const node = nodeModules();
  if (node) {
    const hash = node.crypto.createHash(algorithm);
    return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('hex') };
  }
  // A browser's own digest wants all bytes at once.
  const { bytesToHex } = await import('@noble/hashes/utils.js');
  const hash =
    algorithm === 'sha256'
      ? (await import('@noble/hashes/sha2.js')).sha256.create()
      : (await import('@noble/hashes/legacy.js')).sha1.create();
  return { update: (bytes) => void hash.update(bytes), digest: () => bytesToHex(hash.digest()) };
}
