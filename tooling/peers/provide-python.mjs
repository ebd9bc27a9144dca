// Finds or makes the Python environment of requirements.txt outside the tree, once for all clones:
// `node tooling/peers/provide-python.mjs`. Again costs a second: an environment that has the pinned packages is left alone.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statfsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

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
  const script = 'import sys, importlib.metadata as m; print("\\n".join(f"{n}=={m.version(n)}" for n in sys.argv[1:]))';
  const { status, stdout, stderr } = spawnSync(python, ['-c', script, ...judges], { encoding: 'utf8' });
  if (status !== 0) return `${python} lacks a package: ${lastLine(stderr)}`;
  const pinned = new Set(readFileSync(requirements, 'utf8').split('\n'));
  const other = stdout
    .trim()
    .split('\n')
    .filter((line) => !pinned.has(line));
  return other.length > 0 ? `${python} has ${other.join(', ')}, not what requirements.txt pins` : undefined;
}

/**
 * Makes sure that `python` has the pinned packages.
 *
 * @returns one line on what was done. Throws an Error that says what is missing and how to get it.
 */
export function providePython() {
  const lacks = whatPythonLacks();
  if (!lacks) return `${python} has the pinned packages`;
  if (process.env.LOWRANK_PYTHON || existsSync(folder)) {
    throw new Error(`${lacks}: install ${requirements} there (pip install --no-deps -r), or remove that environment`);
  }
  const start = performance.now();
  mkdirSync(dirname(folder), { recursive: true });
  const { bavail, bsize } = statfsSync(dirname(folder));
  const free = (bavail * bsize) / 1e9;
  if (free < gigabytes) throw new Error(`it needs ${gigabytes} GB of disk, and ${free.toFixed(1)} GB are free`);
  const part = `${folder}.part-${process.pid}`;
  try {
    makeEnvironment(part);
    if (!existsSync(folder)) renameSync(part, folder); // else another process was faster
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
  const still = whatPythonLacks();
  if (still) throw new Error(still);
  return `made ${folder} in ${Math.round((performance.now() - start) / 1000)} s`;
}

function makeEnvironment(part) {
  installVenv();
  run('making a virtual environment', 'python3', ['-m', 'venv', part]);
  const options = ['--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:'];
  run('installing torch, transformers and peft with pip (2.5 GB)', interpreterOf(part), [
    ...['-m', 'pip', 'install', ...options, '-r', requirements],
  ]);
  run('importing them', interpreterOf(part), [
    '-c',
    'import torch, transformers, peft, gguf; torch.ones(2) @ torch.ones(2)',
  ]);
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
