// A project that is not ours: an empty folder, in which the packages are installed as a user installs them.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exportsOf } from './all-exports.mjs';

const files = fileURLToPath(new URL('blank', import.meta.url));

/** What an entry of ours asks for that is no package's need: `@lowrank/conformance/vitest` is for tests that have it. */
const asked = { vitest: '^4.1.12' };

/**
 * Writes a project that depends on every package and on the peers that these need, and installs.
 *
 * @param packages others that it depends on
 * @returns the seconds that the installing took
 */
export async function makeProject(folder, { registry, packed, installer, packages = {} }) {
  const dependencies = { ...peersOf(packed), ...asked, ...ours(packed, registry), ...packages };
  mkdirSync(folder, { recursive: true });
  cpSync(files, folder, { recursive: true });
  write(folder, { 'package.json': JSON.stringify({ private: true, type: 'module', dependencies }, null, 2) });
  write(folder, { 'exports.json': JSON.stringify(exportsOf(packed)), ...installer.settings(registry.origin) });
  const start = performance.now();
  await call(installer.install, folder);
  return (performance.now() - start) / 1000;
}

/** By version, from the registry of the scope; the command line, which has none, by its tarball. */
function ours(packed, registry) {
  return Object.fromEntries(
    packed.map(({ manifest: { name, version } }) => [name, name.startsWith('@') ? version : registry.tarballOf(name)]),
  );
}

function peersOf(packed) {
  const all = packed.flatMap(({ manifest: { peerDependencies = {}, peerDependenciesMeta = {} } }) =>
    Object.entries(peerDependencies).filter(([name]) => peerDependenciesMeta[name]?.optional !== true),
  );
  return Object.fromEntries(all.filter(([name]) => !name.startsWith('@lowrank/')));
}

/**
 * Imports every export of every package, trains in Node and saves a PEFT folder, then trains with the command line. Throws
 * where a figure is not as it must be.
 *
 * @returns how many packages, entries and names were imported
 */
export async function useInNode(folder, { node = process.execPath, installer, doctor = true }) {
  const start = installer.node ?? [node];
  const imported = JSON.parse(await call([...start, 'import-all.mjs'], folder));
  checkLearning(JSON.parse(await call([...start, 'use.mjs'], folder)));
  const main = installer.node ? undefined : join('node_modules', 'lowrank', 'dist', 'main.js');
  const lowrank = main ? [node, main] : [...installer.node.slice(0, -1), 'lowrank'];
  if (doctor) checkDoctor(await call([...lowrank, 'doctor', '--json'], folder));
  write(folder, { 'sea.txt': 'Call me Ishmael. Some years ago, never mind how long precisely. '.repeat(40) });
  const few = ['--steps', '2', '--batch', '2', '--sequence', '32', '--rank', '4', '--overwrite', '--backend', 'wasm'];
  await call([...lowrank, 'train', '--model', 'tiny', '--data', 'sea.txt', '--out', 'sea', ...few, '--json'], folder);
  const written = join(folder, 'sea', 'adapter_model.safetensors');
  if (!existsSync(written)) throw new Error(`lowrank train left no ${written}`);
  return imported;
}

/** Two steps on one text: the embedded model starts near 3 to 6 nats and learns at once; 4 layers of two adapted matrices. */
export function checkLearning({ losses, tensors }) {
  const [first, second] = losses;
  if (losses.length !== 2 || !(first > 3 && first < 6 && second < first)) throw new Error(`losses ${losses}`);
  if (tensors !== 16) throw new Error(`${tensors} tensors in the adapter, not 16`);
}

function checkDoctor(output) {
  const said = output.trim().split('\n').map(JSON.parse);
  if (!JSON.stringify(said).includes('"wasm"')) throw new Error(`lowrank doctor does not name wasm: ${output}`);
}

export function write(folder, contents) {
  for (const [name, text] of Object.entries(contents)) writeFileSync(join(folder, name), text);
}

/** @returns what a command writes to stdout; throws an Error with all that it wrote where it fails. */
export function call([file, ...args], cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env: clean(process.env), timeout: 300_000 });
    let [out, all] = ['', ''];
    child.stdout.on('data', (chunk) => [(out += chunk), (all += chunk)]);
    child.stderr.on('data', (chunk) => (all += chunk));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(out);
      else reject(new Error(`${[file, ...args].join(' ')}: ${signal ?? `exit ${code}`}\n${all.trim()}`));
    });
  });
}

/** Without what the package manager that started us tells its children. */
function clean(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(npm_(?!config_)|INIT_CWD$|PNPM_)/.test(name)));
}
