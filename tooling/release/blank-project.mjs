// A project that is not ours: an empty folder, in which the packages are installed as a user installs them.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const files = fileURLToPath(new URL('blank', import.meta.url));
const tensorflow = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-wasm'];
const ours = ['core', 'backend-wasm', 'formats', 'manager', 'models', 'tiny-base', 'trainer'];

/** Writes the project and installs; @returns the seconds that the installing took. */
export async function makeProject(folder, { registry, packed, installer, packages = {}, cli = true }) {
  const versionOf = new Map(packed.map(({ manifest }) => [manifest.name, manifest.version]));
  const range = packed.find(({ manifest }) => manifest.name === '@lowrank/backend-wasm').manifest.peerDependencies;
  const dependencies = {
    ...Object.fromEntries(tensorflow.map((name) => [name, range[name]])),
    ...Object.fromEntries(ours.map((name) => [`@lowrank/${name}`, versionOf.get(`@lowrank/${name}`)])),
    ...(cli && { lowrank: registry.tarballOf('lowrank') }),
    ...packages,
  };
  mkdirSync(folder, { recursive: true });
  cpSync(files, folder, { recursive: true });
  write(folder, { 'package.json': JSON.stringify({ private: true, type: 'module', dependencies }, null, 2) });
  write(folder, installer.settings(registry.origin));
  const start = performance.now();
  await call(installer.install, folder);
  return (performance.now() - start) / 1000;
}

/** Trains in Node and saves a PEFT folder, then trains with the command line. Throws where a figure is not as it must be. */
export async function useInNode(folder, { node = process.execPath, installer, doctor = true }) {
  const start = installer.node ?? [node];
  checkLearning(JSON.parse(await call([...start, 'use.mjs'], folder)));
  const main = installer.node ? undefined : join('node_modules', 'lowrank', 'dist', 'main.js');
  const lowrank = main ? [node, main] : [...installer.node.slice(0, -1), 'lowrank'];
  if (doctor) checkDoctor(await call([...lowrank, 'doctor', '--json'], folder));
  write(folder, { 'sea.txt': 'Call me Ishmael. Some years ago, never mind how long precisely. '.repeat(40) });
  const few = ['--steps', '2', '--batch', '2', '--sequence', '32', '--rank', '4', '--overwrite', '--backend', 'wasm'];
  await call([...lowrank, 'train', '--model', 'tiny', '--data', 'sea.txt', '--out', 'sea', ...few, '--json'], folder);
  const written = join(folder, 'sea', 'adapter_model.safetensors');
  if (!existsSync(written)) throw new Error(`lowrank train left no ${written}`);
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
