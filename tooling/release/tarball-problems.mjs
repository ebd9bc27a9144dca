import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const licence = readFileSync(new URL('../../LICENSE', import.meta.url), 'utf8');

/** @returns what a packed package lacks of the things that each must carry: a README, our licence by name and in full. */
export function tarballProblems({ manifest, unpacked }) {
  const { name, license } = manifest;
  const file = join(unpacked, 'LICENSE');
  const problems = [];
  if (license !== 'Apache-2.0') problems.push(`${name}: its licence is ${license}, not Apache-2.0`);
  if (!existsSync(join(unpacked, 'README.md'))) problems.push(`${name}: its tarball has no README.md`);
  if (!existsSync(file) || readFileSync(file, 'utf8') !== licence) {
    problems.push(`${name}: its tarball has no LICENSE, or another than the repository's`);
  }
  return problems;
}
