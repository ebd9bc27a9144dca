// A package whose published files changed since its last release is named in a changeset; before 1.0 each is a patch.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import getReleasePlan from '@changesets/get-release-plan';

const { changesets } = await getReleasePlan(process.cwd()); // throws where one does not parse or names no package of ours
const named = new Set(changesets.flatMap(({ releases }) => releases.map(({ name }) => name)));
const folders = ['packages', 'apps'].flatMap((group) => readdirSync(group).map((name) => `${group}/${name}`));

const problems = [
  ...folders
    .map(manifestIn)
    .filter(isUnannounced)
    .map(({ name }) => `${name} changed since its last release: add a changeset`),
  ...changesets.filter(({ releases }) => releases.some(({ type }) => type !== 'patch')).map(notPatch),
];
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}

function manifestIn(folder) {
  return { folder, ...JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) };
}

/** The last release is the last commit that touched the version. */
function isUnannounced({ folder, name, version }) {
  if (named.has(name)) return false;
  const release = git('log', '-1', '--format=%H', '-G"version":', '--', `${folder}/package.json`);
  if (version === '0.0.0' || !release) return true;
  return git('diff', '--name-only', release, '--', folder).split('\n').some(isPublished);
}

function isPublished(path) {
  return /\/(src|model)\/|\/(package\.json|README\.md)$/.test(path) && !path.endsWith('.test.ts');
}

function git(...args) {
  return execFileSync('git', args, { encoding: 'utf8' }).trim();
}

/** Peers on core turn a minor of core into a major of all, for 0.2.0 leaves the range ^0.1.0. */
function notPatch({ id }) {
  return `.changeset/${id}.md: before 1.0 every change is a patch, since packages move together`;
}
