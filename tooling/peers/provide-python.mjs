// Finds or makes the Python environment of requirements.txt outside the tree, once for all clones:
// `node tooling/peers/provide-python.mjs`. Again costs a second: an environment that has the pinned packages is left alone.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { oneAtATime, partOf, put } from './one-at-a-time.mjs';

const requirements = fileURLToPath(new URL('requirements.txt', import.meta.url));
const judges = ['torch', 'transformers', 'peft', 'safetensors', 'gguf'];
const minutes = 15;
const gigabytes = 8;

const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'lowrank-venv');

/** The interpreter of the environment that peers live in; `LOWRANK_PYTHON` names another, which nothing here changes. */
export const python = process.env.LOWRANK_PYTHON || interpreterOf(folder);

/** Why the environment cannot judge as it is, in words; undefined where it can. */
function whatPythonLacks() {
  if (!existsSync(python)) return `there is no ${python}`;
  const pinned = process.env.LOWRANK_PYTHON ? pins().filter(({ name }) => judges.includes(name)) : pins();
  const script = `
import sys, importlib.metadata as m
have = {d.metadata["Name"].lower().replace("_", "-"): d.version for d in m.distributions() if d.metadata["Name"]}
print("\\n".join(f"{n} {have.get(n.lower().replace('_', '-'), 'missing')}" for n in sys.argv[1:]))`;
  const { status, stdout, stderr, error } = spawnSync(python, ['-c', script, ...pinned.map(({ name }) => name)], {
    encoding: 'utf8',
  });
  if (status !== 0) return `${python} does not run: ${error?.message ?? lastLine(stderr)}`;
  const there = new Set(stdout.trim().split('\n'));
  const other = pinned.find(({ name, version }) => !there.has(`${name} ${version}`));
  return other && `${python} has another ${other.name} than the pinned ${other.version}, or none`;
}

/** What requirements.txt pins on this system. */
function pins() {
  const lines = readFileSync(requirements, 'utf8').matchAll(/^([\w.-]+)==([\w.]+)(?:; platform_system == "(\w+)")?$/gm);
  const system = { linux: 'Linux', darwin: 'Darwin', win32: 'Windows' }[process.platform];
  return Array.from(lines, ([, name, version, only]) => ({ name, version, only })).filter(
    ({ only }) => !only || only === system,
  );
}

/**
 * Makes sure that `python` has the pinned packages: an environment that has not is repaired, or where that fails made anew.
 *
 * @returns one line on what was done. Throws an Error that says what is missing and how to get it.
 */
export function providePython() {
  const lacks = whatPythonLacks();
  if (!lacks) return ready();
  if (process.env.LOWRANK_PYTHON) throw new Error(`${lacks}: pip install --no-deps -r ${requirements} there`);
  mkdirSync(dirname(folder), { recursive: true });
  return oneAtATime(folder, 2 * minutes * 60_000, () => {
    if (!whatPythonLacks()) return ready(); // another process has made it meanwhile
    const start = performance.now();
    const done = repaired() ? 'repaired' : made();
    const still = whatPythonLacks();
    if (still) throw new Error(still);
    return `${done} ${folder} in ${Math.round((performance.now() - start) / 1000)} s`;
  });
}

const ready = () => `${python} has the pinned packages`;

function repaired() {
  if (!existsSync(python)) return false;
  try {
    install(python);
    return true;
  } catch (error) {
    console.log(`${folder} is beyond repair (${error.message}), so it is made anew`);
    return false;
  }
}

function made() {
  const { bavail, bsize } = statfsSync(dirname(folder));
  const free = (bavail * bsize) / 1e9;
  if (free < gigabytes) throw new Error(`it needs ${gigabytes} GB of disk, and ${free.toFixed(1)} GB are free`);
  const part = partOf(folder);
  try {
    installVenv();
    run('making a virtual environment', 'python3', ['-m', 'venv', part]);
    install(interpreterOf(part));
    rmSync(folder, { recursive: true, force: true });
    put(part, folder);
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
  return 'made';
}

function install(interpreter) {
  const options = ['--quiet', '--disable-pip-version-check', '--retries=2', '--no-deps', '--only-binary=:all:'];
  run('installing torch, transformers and peft with pip (2.5 GB)', interpreter, [
    ...['-m', 'pip', 'install', ...options, '-r', requirements],
  ]);
  run('importing them', interpreter, ['-c', 'import torch, transformers, peft, gguf; torch.ones(2) @ torch.ones(2)']);
}

/** With CI=true and as root on Debian, what python3 needs to make environments is installed. */
function installVenv() {
  if (spawnSync('python3', ['-c', 'import venv, ensurepip']).status === 0) return;
  const mayInstall = process.env.CI === 'true' && process.getuid?.() === 0;
  for (const args of mayInstall ? [['update'], ['install', '--yes', '--no-install-recommends', 'python3-venv']] : []) {
    spawnSync('apt-get', args, { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  }
  if (spawnSync('python3', ['-c', 'import venv, ensurepip']).status === 0) return;
  throw new Error('there is no python3 that makes environments: apt-get install python3-venv');
}

function run(doing, program, args) {
  const timeout = minutes * 60_000;
  const { status, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    timeout,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (status === 0) return;
  const late = error?.code === 'ETIMEDOUT' && `it took more than ${minutes} minutes`;
  throw new Error(`${doing} failed: ${late || (error?.message ?? lastLine(stderr))}`);
}

function interpreterOf(environment) {
  return process.platform === 'win32' ? join(environment, 'Scripts', 'python.exe') : join(environment, 'bin', 'python');
}

function lastLine(text) {
  return text.trim().split('\n').at(-1) ?? '';
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    console.log(providePython());
  } catch (error) {
    console.error(`no Python peers: ${error.message}`);
    process.exitCode = 1;
  }
}
