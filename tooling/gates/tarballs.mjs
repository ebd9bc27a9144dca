// Packs every package as it would be published and checks the tarballs: publint, types (attw), protocols, licence, budgets,
// and core's sizes in docs/releasing.md, which `--write` writes there.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packAll } from '../release/pack.mjs';
import { tarballProblems } from '../release/tarball-problems.mjs';
import { run, tool } from '../setup/steps.mjs';
import { bundleSize } from './bundle-size.mjs';
import { downloadSize } from './download-size.mjs';
import { sizeProblems, writeSizes } from './size-table.mjs';

const budgets = readJson('budgets.json');
const bundleBudgets = readJson('bundle-budgets.json');
const folder = mkdtempSync(join(tmpdir(), 'lowrank-tarballs-'));
const problems = [];
const coreSizes = [];

try {
  const packed = await packAll(folder);
  for (const one of packed) await check(one);
  if (process.argv.includes('--write')) writeSizes(coreSizes);
  else problems.push(...sizeProblems(coreSizes));
  console.log(`${packed.length} tarballs`);
} catch (error) {
  problems.push(error.message);
} finally {
  rmSync(folder, { recursive: true });
}
if (problems.length > 0) {
  console.error(problems.join('\n\n'));
  process.exit(1);
}

async function check(packed) {
  const { tarball, unpacked, manifest } = packed;
  const { name, exports } = manifest;
  problems.push(...tarballProblems(packed));
  if (/"(workspace|catalog|link|file):/.test(JSON.stringify(manifest)))
    problems.push(`${name}: its manifest keeps a protocol of the workspace`);
  await expectCalm(name, tool('publint', 'run', tarball, '--strict'));
  if (exports?.['.']) {
    await expectCalm(name, tool('attw', tarball, '--profile', 'esm-only', '--no-definitely-typed', '--no-emoji'));
    for (const [entry, { default: file }] of Object.entries(exports)) {
      if (file) await holdToBundleBudgets(`${name}${entry.slice(1)}`, join(unpacked, file));
    }
  }
  holdToBudget(name, downloadSize(unpacked, tarball));
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

/**
 * What a bundler takes, for all exports and for some that are used alone. Core's 12 kB are of a layer that trains on any
 * backend: `FrozenLinear, LoraLinear, useBackend`, with each init, variant and packed weight that such a layer may have.
 */
async function holdToBundleBudgets(name, entry) {
  const uses = Object.entries(bundleBudgets[name] ?? {});
  if (!uses.some(([names]) => names === '*')) {
    problems.push(
      `${name}: no budget of "*" in tooling/gates/bundle-budgets.json; it is ${await bundleSize(entry, '*')}`,
    );
  }
  for (const [names, budget] of uses) {
    const bytes = await bundleSize(entry, names);
    if (/^@lowrank\/core(\/|$)/.test(name)) coreSizes.push({ name, names, bytes, budget });
    if (bytes > budget) problems.push(`${name}: ${names} takes ${bytes} bytes of a bundle, budget ${budget}`);
  }
}

function readJson(name) {
  return JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));
}
