// Each package that ours bring to a user is under a licence that asks no more than Apache-2.0 does, and runs nothing as
// it is installed. Says how many are under which.
import { installedPackages, ownPackages } from './installed-packages.mjs';

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

const packages = await installedPackages();
const problems = [
  ...packages.filter(({ licence }) => !free.has(licence)).map(({ name, licence }) => `${name} is under ${licence}`),
  ...[...packages, ...ownPackages()].flatMap(({ name, scripts }) =>
    scripts.map((script) => `${name} has ${script}, which runs as it is installed`),
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
