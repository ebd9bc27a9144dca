// Each package that ours bring to a user is under a licence that asks no more than Apache-2.0 does, and runs nothing as
// it is installed. Optional peers run what docs/reliability.md names, and no more. Says how many are under which.
import { installedPackages, optionalPeers, ownPackages } from './installed-packages.mjs';

const free = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Unlicense',
]);

/** Scripts of optional peers, or of what these bring: what each does is in docs/reliability.md, under "What is installed". */
const known = new Set([
  '@tensorflow/tfjs-node: install',
  'core-js: postinstall',
  'msgpackr-extract: install',
  'webgpu: postinstall',
]);

const packages = await installedPackages();
const problems = [
  ...packages.filter(({ licence }) => !isFree(licence)).map(({ name, licence }) => `${name} is under ${licence}`),
  ...[...packages, ...ownPackages()].flatMap(({ name, scripts }) =>
    scripts.map((script) => `${name} has ${script}, which runs as it is installed`),
  ),
  ...optionalPeers().flatMap(({ name, scripts }) =>
    scripts
      .filter((script) => !known.has(script))
      .map((script) => `${name}, an optional peer, brings ${script}, which docs/reliability.md does not explain`),
  ),
];
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exitCode = 1;
} else {
  const counts = new Map();
  for (const { licence } of packages) counts.set(licence, (counts.get(licence) ?? 0) + 1);
  console.log([...counts].map(([licence, count]) => `${licence} ${count}`).join(', '));
}

/** Of `Apache-2.0 AND MIT` each part must be free. */
function isFree(licence) {
  return licence
    .replace(/^\((.*)\)$/, '$1')
    .split(' AND ')
    .every((part) => free.has(part));
}
