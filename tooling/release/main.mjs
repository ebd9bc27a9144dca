// A release: `pnpm release --dry-run` shows which versions the changesets make, and each package as npm would get it, in the
// order of publishing. Without `--dry-run` it publishes what is versioned; only .github/workflows/release.yml does that.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getReleasePlan from '@changesets/get-release-plan';
import { downloadSize } from '../gates/download-size.mjs';
import { build, tool, run } from '../setup/steps.mjs';
import { copyWorkspace, nameRepository } from './copy.mjs';
import { packAll } from './pack.mjs';
import { publish } from './publish.mjs';
import { tarballProblems } from './tarball-problems.mjs';

const dryRun = process.argv.includes('--dry-run');
const folder = mkdtempSync(join(tmpdir(), 'lowrank-release-'));
try {
  await release();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function release() {
  requireCleanTree();
  const { changesets, releases } = await getReleasePlan(process.cwd());
  if (!dryRun && changesets.length > 0) {
    throw new Error(
      `${changesets.length} changesets wait: merge the pull request "Version Packages", which takes them in`,
    );
  }
  if (!(await build())) throw new Error('the build failed');
  const copy = join(folder, 'workspace');
  copyWorkspace(copy);
  if (changesets.length > 0) await versionIn(copy, { changesets, releases });
  const repository = nameRepository(copy);
  console.log(`repository in each manifest: ${repository ?? 'as GITHUB_REPOSITORY says when it is published'}`);
  const packed = await pack(copy);
  if (dryRun) console.log(`\nNothing was published. ${packed.length} packages would be, in this order.`);
  else publish(packed, { repository });
}

function requireCleanTree() {
  const changed = execFileSync('git', ['status', '--porcelain'], { encoding: 'utf8' }).trimEnd();
  if (changed) throw new Error(`what is published is what is committed, and these are not:\n${changed}`);
}

/** All packages have one version, so each is named though only some are in the changesets. */
async function versionIn(copy, { changesets, releases }) {
  const { code, output } = await run(tool('changeset', 'version'), { cwd: copy });
  if (code !== 0) throw new Error(output);
  const moved = releases.filter(({ type }) => type !== 'none');
  const versions = new Set(moved.map(({ oldVersion, newVersion }) => `${oldVersion} → ${newVersion}`));
  console.log(`${changesets.length} changesets: ${moved.length} packages, ${[...versions].join(', ')}`);
}

async function pack(copy) {
  const tarballs = join(folder, 'tarballs');
  mkdirSync(tarballs);
  const packed = await packAll(tarballs, { root: copy });
  const problems = packed.flatMap(tarballProblems);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  console.log(`\n${row('package', 'version', 'files', 'tarball', 'download', 'licence')}`);
  for (const { manifest, files, tarball, unpacked } of packed) {
    const { name, version, license } = manifest;
    console.log(row(name, version, files, kB(statSync(tarball).size), kB(downloadSize(unpacked, tarball)), license));
  }
  console.log('tarball: what npm stores; download: its JavaScript alone, gzipped file by file');
  return packed;
}

function row(name, version, files, tarball, download, licence) {
  const right = [version, files, tarball, download].map((cell, index) => String(cell).padStart(index === 1 ? 6 : 11));
  return `${name.padEnd(24)}${right.join('')}  ${licence}`;
}

function kB(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
