// Writes docs/compatibility.md: with which versions of what lowrank is tried. Each is read from where the tests take it: the
// lockfile, the pins of tooling/peers, the workflows, and installs.json, which `pnpm campaign install` keeps.
// `--check` only says whether the page is as this would write it.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { version as libtensorflow } from '../libtensorflow/wheel.mjs';
import { llamaCppFolder, llamaCppRelease, version as nodeLlamaCpp } from '../peers/provide-llama-cpp.mjs';
import { bundlers } from './bundlers.mjs';

const page = fileURLToPath(new URL('../../docs/compatibility.md', import.meta.url));
const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

const lock = parse(read('pnpm-lock.yaml'));
const peers = Object.fromEntries(
  [...read('tooling/peers/requirements.txt').matchAll(/^([\w-]+)==([\w.]+)$/gm)].map(([, name, version]) => [
    name,
    version,
  ]),
);
const mlx = /mlx-lm==([\w.]+)/.exec(read('tooling/peers/README.md'))[1];
const installs = JSON.parse(read('tooling/release/installs.json'));

const text = `# What lowrank works with

<!-- Written by \`node tooling/release/compatibility.mjs\`: change what it reads, not this. -->

## What it stands on

"Takes" is what the packages' manifests allow, "tried" the version that the tests run on. The forge's workflow has every gate run
on each Node; what ran on which so far says [What installs it](#what-installs-it).

${table(['what', 'takes', 'tried'], [...nodeRows(), ...peerRows()])}

## Whom it exchanges files with

Adapters and models go there and back, and logits are compared: [what agrees, by how much](peers.md),
[what each of them takes](hand-over.md).

${table(
  ['what', 'tried'],
  [
    ['PEFT', peers.peft],
    ['Transformers', peers.transformers],
    ['PyTorch', peers.torch],
    ['tokenizers', peers.tokenizers],
    ['safetensors', peers.safetensors],
    ['gguf (Python)', peers.gguf],
    ['llama.cpp', `${llamaCppRelease}, in node-llama-cpp ${nodeLlamaCpp}`],
    ['MLX-LM (on a CPU)', mlx],
  ],
)}

## What installs it

The packed tarballs, from a registry of their own, in a blank project that depends on each, on the peers that they need and on
vitest. Then every export of every package is imported, two steps are trained on wasm and a PEFT folder is written in code, and
\`lowrank doctor\` and \`lowrank train\` are run. Seconds are for installing all of it on two cores that had other work, with what the
machine's caches had.

${table(
  ['installer', 'version', 'seconds', 'used on Node'],
  installs.installers.map(({ name, version, seconds, nodes }) => [name, version, seconds, nodes.join(', ')]),
)}

## What bundles it

One page that loads the embedded model, trains it and makes a PEFT adapter: \`@lowrank/core\`, \`backend-wasm\`, \`formats\`,
\`manager\`, \`models\` and \`trainer\` with tfjs-core and tfjs's wasm backend. It is run in Chromium twice: minified, on a site like
most; and on one that sends the [isolation headers](https://developer.mozilla.org/docs/Web/API/Window/crossOriginIsolated), with
two threads. A second page imports all exports of all packages that are for browsers, so of all but \`backend-node\`, \`serve\`, \`sweep\`
and the command line, and finds each of them in Chromium.

${table(
  ['bundler', 'version', 'minified and gzipped', 'all exports', 'Chromium', 'what it must be told'],
  installs.bundlers.map(({ name, version, kilobytes, allKilobytes, chromium }) => [
    name,
    version,
    `${kilobytes} kB`,
    `${allKilobytes} kB`,
    chromium,
    bundlers.find((bundler) => bundler.name === name).asks,
  ]),
)}

The hub's client is \`@huggingface/hub\`, whose build for browsers is its \`dist/browser/index.mjs\`; only \`fetchModel\` loads it.
tfjs starts its threads from the text of a function. The minifiers of Vite and webpack break that text, and the page then waits
without end; esbuild's does not. A page that is not isolated has one thread and is free of this.
`;

// Where it is installed, it says itself which llama.cpp it has.
const said = join(llamaCppFolder, 'node_modules', 'node-llama-cpp', 'llama', 'binariesGithubRelease.json');
if (existsSync(said) && JSON.parse(readFileSync(said, 'utf8')).release !== llamaCppRelease) {
  throw new Error(`llamaCppRelease in tooling/peers/provide-llama-cpp.mjs is not that of ${said}`);
}

if (!process.argv.includes('--check')) {
  writeFileSync(page, text);
} else if (!existsSync(page) || readFileSync(page, 'utf8') !== text) {
  console.error('docs/compatibility.md is not what its sources say: run node tooling/release/compatibility.mjs');
  process.exitCode = 1;
} else {
  console.log('docs/compatibility.md is current');
}

function nodeRows() {
  const { engines } = JSON.parse(read('package.json'));
  const { matrix } = parse(read('.github/workflows/ci.yml')).jobs.verify.strategy;
  const used = new Set(installs.installers.flatMap(({ nodes }) => nodes));
  const tried = matrix.node.map((major) => [...used].find((version) => version.startsWith(`${major}.`)) ?? major);
  return [['Node', engines.node.replaceAll('||', 'or'), tried.join(', ')]];
}

/** What our packages ask their users to bring, and other programs that they are tried with. */
function peerRows() {
  const ranges = new Map();
  for (const { peerDependencies = {} } of manifests()) {
    for (const [name, range] of Object.entries(peerDependencies))
      if (!name.startsWith('@lowrank/')) ranges.set(name, range);
  }
  const rows = [...ranges].sort().map(([name, range]) => [name, range, installed(name)]);
  return [...rows, ['libtensorflow, under tfjs-node', '2.x', libtensorflow]];
}

function manifests() {
  const folders = ['packages', 'apps'].flatMap((group) =>
    readdirSync(new URL(`../../${group}`, import.meta.url)).map((name) => `${group}/${name}`),
  );
  return folders.map((folder) => JSON.parse(read(`${folder}/package.json`)));
}

/** The one version that the lockfile gives to our packages and tools. */
function installed(name) {
  const versions = Object.values(lock.importers).flatMap(({ dependencies, devDependencies }) => {
    const found = dependencies?.[name] ?? devDependencies?.[name];
    return found ? [found.version.replace(/\(.*/, '')] : [];
  });
  return [...new Set(versions)].join(', ');
}

function table(heads, rows) {
  const line = (cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}
