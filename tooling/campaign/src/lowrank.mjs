import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

const main = join(dirname(createRequire(import.meta.url).resolve('lowrank/package.json')), 'dist', 'main.js');

/**
 * Starts the built command line in a process of its own, with `--json`.
 *
 * @param options.before what runs it, such as `prlimit` with its arguments
 * @param options.onEvent is told of each event as it comes
 * @returns the process and its end: exit code or null, signal or null, events, stderr
 */
export function startLowrank(args, { before = [], onEvent = () => {}, ...spawnOptions } = {}) {
  const [file, ...rest] = [...before, process.execPath, main, ...args, '--json'];
  const child = spawn(file, rest, { stdio: ['ignore', 'pipe', 'pipe'], ...spawnOptions });
  const events = [];
  let stderr = '';
  child.stderr.on('data', (chunk) => (stderr += chunk));
  createInterface({ input: child.stdout }).on('line', (line) => {
    const event = parsed(line);
    events.push(event);
    onEvent(event);
  });
  const ended = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, events, stderr }));
  });
  return { child, ended };
}

/** A line that a killed process did not finish is no event. */
function parsed(line) {
  try {
    return JSON.parse(line);
  } catch {
    return { type: 'cut', line };
  }
}

/** Whether a command ended as it may: done, or with an error that names input, rule and fix. */
export function endedWell({ code, events }) {
  if (code === 0) return true;
  const { type, code: name, given, rule, fix } = events.at(-1) ?? {};
  return type === 'error' && name !== 'unexpected' && Boolean(given && rule && fix);
}
