import { pnpm, run } from '../setup/steps.mjs';
import { manifestIn, ownFolders } from './own-folders.mjs';
import { peerPackages, scriptsOf } from './peer-packages.mjs';

const ours = ['--filter', './packages/*', '--filter', 'lowrank'];

/**
 * All that ours bring to a user, directly or not, as the lockfile has it, and the peers that they cannot do without.
 * Optional peers, which a user chooses, are not among them: `optionalPeers` gives these.
 *
 * @returns names, licences and the install scripts of each
 */
export async function installedPackages() {
  const { code, output } = await run(pnpm(...ours, 'licenses', 'list', '--prod', '--json'));
  if (code !== 0) throw new Error(output);
  const byLicence = Object.entries(JSON.parse(output.slice(output.indexOf('{'))));
  const brought = byLicence.flatMap(([licence, packages]) =>
    packages.map(({ name, paths }) => ({ name, licence, scripts: paths.flatMap(scriptsOf) })),
  );
  const byName = new Map(brought.map((one) => [one.name, one]));
  const peers = peerPackages().filter(({ optional }) => !optional);
  for (const one of peers.flatMap(({ packages }) => packages)) if (!byName.has(one.name)) byName.set(one.name, one);
  return [...byName.values()];
}

/** Our own packages, with what npm would run as it installs them. */
export function ownPackages() {
  return ownFolders().map((folder) => ({ name: manifestIn(folder).name, scripts: scriptsOf(folder) }));
}

/** @returns of each peer that a user may do without: its name, how many packages it is, and `package: script` of each script */
export function optionalPeers() {
  return peerPackages()
    .filter(({ optional }) => optional)
    .map(({ name, packages }) => ({
      name,
      packages: packages.length,
      scripts: packages.flatMap((one) => one.scripts.map((script) => `${one.name}: ${script}`)),
    }));
}
