// What verify and quickstart share: the pinned pnpm, quiet steps, install and build. Plain Node: nothing is installed yet.
import { spawn } from 'node:child_process';
import { basename, delimiter, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));

// The pnpm that runs this script need not be on the PATH, yet turbo looks for it there.
const pnpmFile = process.env.npm_execpath ?? '';
const env = {
  ...process.env,
  PATH: `${dirname(pnpmFile)}${delimiter}${process.env.PATH}`,
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
  DO_NOT_TRACK: '1',
};

/** @returns what to spawn for a command of the pinned pnpm: `[file, arguments]`. */
export function pnpm(...args) {
  if (!basename(pnpmFile).startsWith('pnpm')) {
    throw new Error('start this through pnpm: npx --yes pnpm@12.21.0 run verify (or quickstart)');
  }
  return /\.[cm]?js$/.test(pnpmFile) ? [process.execPath, [pnpmFile, ...args]] : [pnpmFile, args];
}

/** @returns what to spawn for a tool of the root's devDependencies. */
export const tool = (name, ...args) => pnpm('exec', name, ...args);

/** @returns what to spawn for one of our own scripts. */
export const script = (path, ...args) => [process.execPath, [path, ...args]];

/** Runs a command, in the root unless told otherwise, and gives its exit code and all that it wrote. */
export function run([file, args], { cwd = root, extraEnv = {}, show = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd, env: { ...env, ...extraEnv }, stdio: show ? 'inherit' : 'pipe' });
    let output = '';
    child.stdout?.on('data', (chunk) => (output += chunk));
    child.stderr?.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve({ code: 1, output: `${output}${error.message}\n` }));
    child.on('close', (code, signal) => resolve({ code: code ?? (signal === 'SIGINT' ? 130 : 1), output }));
  });
}

/**
 * Runs one step: its name before, its seconds after, its output only where it fails.
 *
 * @param options.note makes words for the end of the step's line, from its output.
 * @returns whether it passed.
 */
export async function step(name, command, { extraEnv, note } = {}) {
  const start = performance.now();
  process.stdout.write(`${name} ... `);
  const { code, output } = await run(command, { extraEnv });
  const seconds = `${((performance.now() - start) / 1000).toFixed(1)} s`;
  const words = [note?.(output), seconds].filter(Boolean).join(', ');
  console.log(code === 0 ? words : `FAILED: ${words}\n\n${stripVTControlCharacters(output).trimEnd()}\n`);
  return code === 0;
}

export const install = () => step('install', pnpm('install', '--frozen-lockfile'));

export const build = () => step('build', tool('turbo', 'run', 'build', '--ui=stream', '--output-logs=errors-only'));
