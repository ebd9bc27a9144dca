import { random } from '@lowrank/bench/src/random.mjs';
import { spawnSync } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { emptyFolder } from '../folders.mjs';
import { startLowrank } from '../lowrank.mjs';
import { overEarlier } from './over-earlier.mjs';

const page = 4096;

/** Pages beyond the earlier adapter: a training of `commands` writes some 70 at most. */
const mostPages = 80;

/** As root of a namespace of its own, where alone the mount is seen. */
const asRoot = ['unshare', '--map-root-user', '--mount'];

/** Mounts so many bytes of memory over a folder with what it holds, runs the rest, and takes out what is there then. */
const onSmallDisk = `
bytes=$1 out=$2 left=$3
shift 3
held=$(mktemp -d) && cp -a "$out"/. "$held" && mount -t tmpfs -o size="$bytes" tmpfs "$out" && cp -a "$held"/. "$out" || exit 125
rm -r "$held"
code=0
"$@" || code=$?
cp -a "$out"/. "$left" || exit 125
exit $code`;

/**
 * A file system that has a random number of pages left, so that writing ends with ENOSPC (Linux).
 *
 * @returns no trials where this machine lets nobody mount one
 */
export async function fullAsAWhole({ seed, trials, ...given }) {
  const draw = random(seed);
  const held = await pagesOf(given.earlier);
  return overEarlier({ ...given, trials: canMount() ? trials : 0 }, async (command, out) => {
    const bytes = page * (held + Math.floor(mostPages * draw() ** 2));
    const left = await emptyFolder(given.folder, 'left');
    const before = [...asRoot, 'sh', '-c', onSmallDisk, 'sh', String(bytes), out, left];
    return { end: await startLowrank(command, { before }).ended, bytes, left };
  });
}

function canMount() {
  return spawnSync(asRoot[0], [...asRoot.slice(1), 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;
}

async function pagesOf(folder) {
  const sizes = await Promise.all((await readdir(folder)).map((name) => stat(join(folder, name))));
  return sizes.reduce((total, { size }) => total + Math.ceil(size / page), 0);
}
