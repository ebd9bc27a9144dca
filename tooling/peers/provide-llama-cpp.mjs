// Installs node-llama-cpp with its prebuilt llama.cpp outside the tree, where the tests of this folder look for it:
// `node tooling/peers/provide-llama-cpp.mjs`. It is no dependency, since npm brings 600 MB of CUDA and Vulkan along.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { oneAtATime, partOf, put } from './one-at-a-time.mjs';

/** Of npm's node-llama-cpp, and of the llama.cpp that it was built from. */
export const version = '3.22.1';
export const llamaCppRelease = 'v0.5.0';
const timeout = 600_000;

/** The folder that it is, or will be, installed in. */
export const llamaCppFolder = join(
  process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
  'lowrank',
  'node-llama-cpp',
  version,
);

/** Installs it where it is not yet; returns a line on what was done. Throws where npm fails. */
export function provideLlamaCpp() {
  const isThere = () => existsSync(join(llamaCppFolder, 'node_modules', 'node-llama-cpp'));
  mkdirSync(dirname(llamaCppFolder), { recursive: true });
  return oneAtATime(llamaCppFolder, 2 * timeout, () => {
    if (isThere()) return `${llamaCppFolder} is there`;
    const part = partOf(llamaCppFolder);
    try {
      install(part);
      rmSync(llamaCppFolder, { recursive: true, force: true });
      put(part, llamaCppFolder);
    } finally {
      rmSync(part, { recursive: true, force: true });
    }
    return `installed ${llamaCppFolder}`;
  });
}

function install(folder) {
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const binary = `@node-llama-cpp/${process.platform === 'darwin' ? 'mac' : process.platform}-${process.arch}`;
  const packages = [
    `node-llama-cpp@${version}`,
    `${binary}${process.platform === 'darwin' ? '-metal' : ''}@${version}`,
  ];
  const options = ['--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund'];
  const stdio = ['ignore', 'ignore', 'inherit'];
  execFileSync('npm', ['install', ...options, ...packages], { cwd: folder, stdio, timeout });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  console.log(provideLlamaCpp());
}
