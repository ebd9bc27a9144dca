// Packs every package as it would be published and checks the tarballs: publint, types (attw), protocols, size budgets.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pnpm, run, tool } from '../setup/steps.mjs';
import { downloadSize } from './download-size.mjs';

const budgets = JSON.parse(readFileSync(new URL('budgets.json', import.meta.url), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'lowrank-tarballs-'));
const problems = [];

try {
  // The web demo is a site: nobody installs it.
  const group = ['--filter', './packages/*', '--filter', './apps/*', '--filter', '!@lowrank/web'];
  const packed = await run(pnpm('-r', ...group, 'pack', '--pack-destination', folder));
  if (packed.code !== 0) problems.push(packed.output);
  const tarballs = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  for (const tarball of tarballs) await check(join(folder, tarball));
  console.log(`${tarballs.length} tarballs`);
} finally {
  rmSync(folder, { recursive: true });
}
if (problems.length > 0) {
  console.error(problems.join('\n\n'));
  process.exit(1);
}

async function check(tarball) {
  const unpacked = tarball.replace(/\.tgz$/, '');
  mkdirSync(unpacked);
  execFileSync('tar', ['-xzf', tarball, '-C', unpacked]);
  const text = readFileSync(join(unpacked, 'package', 'package.json'), 'utf8');
  const { name, exports } = JSON.parse(text);

  if (/"(workspace|catalog|link|file):/.test(text))
    problems.push(`${name}: its manifest keeps a protocol of the workspace`);
  await expectCalm(name, tool('publint', 'run', tarball, '--strict'));
  if (exports?.['.']) {
    await expectCalm(name, tool('attw', tarball, '--profile', 'esm-only', '--no-definitely-typed', '--no-emoji'));
  }
  holdToBudget(name, downloadSize(join(unpacked, 'package'), tarball));
}

async function expectCalm(name, command) {
  const { code, output } = await run(command);
  if (code !== 0) problems.push(`${name}: ${output.trim()}`);
}

function holdToBudget(name, bytes) {
  const budget = budgets[name];
  if (budget === undefined)
    problems.push(`${name}: no budget in tooling/gates/budgets.json; it has ${bytes} bytes now`);
  else if (bytes > budget) problems.push(`${name}: ${bytes} bytes to download, budget ${budget}`);
}
