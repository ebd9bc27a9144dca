// Each package that ours bring to a user is under a licence that asks no more than Apache-2.0 does: of the packages
// themselves and all below them, as the lockfile has them. Says how many are under which.
import { pnpm, run } from '../setup/steps.mjs';

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
const ours = ['--filter', './packages/*', '--filter', 'lowrank'];

const { code, output } = await run(pnpm(...ours, 'licenses', 'list', '--prod', '--json'));
if (code !== 0) throw new Error(output);
const byLicence = Object.entries(JSON.parse(output.slice(output.indexOf('{'))));
const problems = byLicence
  .filter(([licence]) => !free.has(licence))
  .flatMap(([licence, packages]) => packages.map(({ name }) => `${name} is under ${licence}`));
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exitCode = 1;
} else {
  console.log(byLicence.map(([licence, packages]) => `${licence} ${packages.length}`).join(', '));
}
