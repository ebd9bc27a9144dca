import { execFileSync } from 'node:child_process';

/** Whether this machine has what `onAFullDisk` needs (Linux). */
export const canFillDisk = (() => {
  try {
    execFileSync('prlimit', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** Runs `body` while no file of this process can grow beyond `bytes`: a write fails midway, as on a full disk. */
export async function onAFullDisk(bytes: number, body: () => Promise<void>): Promise<void> {
  const prlimit = (...args: string[]) =>
    execFileSync('prlimit', [`--pid=${process.pid}`, ...args], { encoding: 'utf8' });
  const before = prlimit('--fsize', '--output=SOFT', '--noheadings').trim();
  prlimit(`--fsize=${bytes}:`);
  try {
    await body();
  } finally {
    prlimit(`--fsize=${before}:`);
  }
}
