import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/**
 * What a package adds to a user's download, in bytes: its JavaScript, each file gzipped; maps, types and sources are free.
 * A package without code counts as its tarball.
 */
export function downloadSize(unpacked, tarball) {
  const dist = join(unpacked, 'dist');
  if (!existsSync(dist)) return statSync(tarball).size;
  const files = readdirSync(dist, { recursive: true }).filter((name) => name.endsWith('.js'));
  return files.reduce((total, name) => total + gzipSync(readFileSync(join(dist, name))).length, 0);
}
