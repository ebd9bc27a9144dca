// What is made outside the tree, of which clones share one.
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const pollMs = 500;
const bornMs = 5000;

/**
 * Runs `make` while no other process that asks for `path` does. A lock whose process is gone counts no more, nor one that is
 * held for longer than `patienceMs`: then two may make at once, and `put` keeps one.
 */
export function oneAtATime(path, patienceMs, make) {
  const lock = `${path}.lock`;
  const end = Date.now() + patienceMs;
  while (!taken(lock)) {
    if (Date.now() < end && isHeld(lock)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pollMs);
    else rmSync(lock, { force: true });
  }
  try {
    return make();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** Where to make a folder before `put`; what processes that are gone have left there is removed. */
export function partOf(folder) {
  const start = `${basename(folder)}.part-`;
  for (const name of readdirSync(dirname(folder)).filter((entry) => entry.startsWith(start))) {
    if (!isAlive(Number(name.slice(start.length)))) {
      rmSync(join(dirname(folder), name), { recursive: true, force: true });
    }
  }
  return `${folder}.part-${process.pid}`;
}

/** Moves a whole folder to where others look for it, unless another process was faster. */
export function put(part, folder) {
  try {
    renameSync(part, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
}

function taken(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  }
}

function isHeld(lock) {
  try {
    const pid = Number(readFileSync(lock, 'utf8'));
    return pid ? isAlive(pid) : Date.now() - statSync(lock).mtimeMs < bornMs; // its process has yet to write
  } catch {
    return false; // gone meanwhile
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
