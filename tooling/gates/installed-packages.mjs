import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pnpm, run } from '../setup/steps.mjs';

const ours = ['--filter', './packages/*', '--filter', 'lowrank'];
const root = fileURLToPath(new URL('../..', import.meta.url));

/** What npm runs while it installs a package; a `binding.gyp` has it compile one. */
const installScripts = ['preinstall', 'install', 'postinstall'];

/**
 * All that ours bring to a user, directly or not, as the lockfile has it; optional peers, which a user brings, are not
 * among them.
 *
 * @returns names, licences and the install scripts of each
 */
export async function installedPackages() {
  const { code, output } = await run(pnpm(...ours, 'licenses', 'list', '--prod', '--json'));
  if (code !== 0) throw new Error(output);
  const byLicence = Object.entries(JSON.parse(output.slice(output.indexOf('{'))));
  return byLicence.flatMap(([licence, packages]) =>
    packages.map(({ name, paths }) => ({ name, licence, scripts: paths.flatMap(scriptsOf) })),
  );
}

/** Our own packages, with what npm would run as it installs them. */
export function ownPackages() {
  const folders = [
    ...readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name)),
    join(root, 'apps', 'cli'),
  ];
  return folders.map((folder) => {
    const { name } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return { name, scripts: scriptsOf(folder) };
  });
}

function scriptsOf(folder) {
  const { scripts = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const named = installScripts.filter((name) => name in scripts);
  return existsSync(join(folder, 'binding.gyp')) ? [...named, 'binding.gyp'] : named;
}
