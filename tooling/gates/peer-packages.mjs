import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { manifestIn, ownFolders } from './own-folders.mjs';

/** What npm runs while it installs a package; where the first two are lacking, a `binding.gyp` has it compile one. */
const installScripts = ['preinstall', 'install', 'postinstall'];

/**
 * Our packages' peers from others, with all that each brings along, as this platform has it installed.
 *
 * @returns of each its name, whether it is optional for all who name it, and `packages`: names, licences, install scripts
 */
export function peerPackages() {
  const peers = new Map();
  for (const folder of ownFolders()) {
    const { peerDependencies = {}, peerDependenciesMeta = {} } = manifestIn(folder);
    for (const name of Object.keys(peerDependencies).filter((one) => !one.startsWith('@lowrank/'))) {
      const optional = (peers.get(name)?.optional ?? true) && peerDependenciesMeta[name]?.optional === true;
      peers.set(name, { optional, from: folder });
    }
  }
  return [...peers].sort().map(([name, { optional, from }]) => {
    const start = installed(name, from);
    if (start === undefined)
      throw new Error(`${name}: a peer of ${from} that is not installed there: make it one of its devDependencies`);
    return { name, optional, packages: broughtBy(start) };
  });
}

/** A package and all below it; what only other platforms have is not there. */
function broughtBy(start) {
  const folders = new Set([start]);
  for (const folder of folders) {
    for (const name of neededBy(manifestIn(folder))) {
      const found = installed(name, folder);
      if (found !== undefined) folders.add(found);
    }
  }
  return [...folders].map((folder) => {
    const { name, license } = manifestIn(folder);
    return { name, licence: String(license), scripts: scriptsOf(folder) };
  });
}

function neededBy({ dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta = {} }) {
  const peers = Object.keys(peerDependencies ?? {}).filter((name) => peerDependenciesMeta[name]?.optional !== true);
  return [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers];
}

/** The folder in which a package finds another, links followed. */
function installed(name, from) {
  const places = createRequire(join(from, 'package.json')).resolve.paths(name) ?? [];
  const folder = places.map((place) => join(place, name)).find((one) => existsSync(join(one, 'package.json')));
  return folder && realpathSync(folder);
}

/** What npm runs as it installs the package in `folder`. */
export function scriptsOf(folder) {
  const { scripts = {} } = manifestIn(folder);
  const named = installScripts.filter((name) => name in scripts);
  const compiles = existsSync(join(folder, 'binding.gyp')) && !('preinstall' in scripts || 'install' in scripts);
  return compiles ? [...named, 'binding.gyp'] : named;
}
