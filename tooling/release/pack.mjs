// Packs every package as it would be published, in the order in which one needs another.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pnpm, run } from '../setup/steps.mjs';

// Lowest first, which tooling/arrows holds it to.
const order = Object.keys(JSON.parse(readFileSync(new URL('../arrows/arrows.json', import.meta.url), 'utf8')));

/**
 * @param folder an empty one, for the tarballs and what they hold
 * @param options.root the workspace to pack, which is built
 * @returns of each package `{ tarball, unpacked, manifest, files }`, lowest first. Throws an Error with what pnpm said.
 */
export async function packAll(folder, { root } = {}) {
  // The web demo is a site: nobody installs it.
  const group = ['--filter', './packages/*', '--filter', './apps/*', '--filter', '!@lowrank/web'];
  const { code, output } = await run(pnpm('-r', ...group, 'pack', '--pack-destination', folder), { cwd: root });
  if (code !== 0) throw new Error(output);
  const tarballs = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  const rank = ({ manifest }) => order.indexOf(manifest.name);
  return tarballs.map((name) => unpack(join(folder, name))).sort((one, other) => rank(one) - rank(other));
}

function unpack(tarball) {
  const unpacked = join(tarball.replace(/\.tgz$/, ''), 'package');
  mkdirSync(join(unpacked, '..'));
  execFileSync('tar', ['-xzf', tarball, '-C', join(unpacked, '..')]);
  const manifest = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8'));
  const entries = readdirSync(unpacked, { recursive: true, withFileTypes: true });
  return { tarball, unpacked, manifest, files: entries.filter((entry) => entry.isFile()).length };
}
