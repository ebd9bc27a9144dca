// Publishes tarballs, signed by the workflow that built them.
import { execFileSync, spawnSync } from 'node:child_process';

/**
 * Lowest first, so that whoever installs meanwhile finds what a package needs; one that is there already is passed over,
 * so that a release that was cut off can be begun again. Throws an Error outside a workflow that may sign.
 */
export function publish(packed, { repository }) {
  if (!process.env.ACTIONS_ID_TOKEN_REQUEST_URL || !repository) {
    throw new Error(
      'npm signs only what a workflow with `id-token: write` publishes: see .github/workflows/release.yml',
    );
  }
  for (const { manifest, tarball } of packed) {
    const id = `${manifest.name}@${manifest.version}`;
    if (isPublished(id)) {
      console.log(`${id} is there already`);
      continue;
    }
    execFileSync('npm', ['publish', tarball, '--provenance', '--access', 'public'], { stdio: 'inherit' });
    console.log(`New tag: ${id}`); // from which changesets' action makes a release of the forge
  }
}

function isPublished(id) {
  const { status, stdout } = spawnSync('npm', ['view', id, 'version'], { encoding: 'utf8' });
  return status === 0 && stdout.trim() !== '';
}
