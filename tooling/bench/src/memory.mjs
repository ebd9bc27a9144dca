import { readFileSync, writeFileSync } from 'node:fs';

/** A process's resident memory in bytes, now and at its peak; nulls where there is no /proc. */
export function memoryOf(pid) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kib = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)[1]);
    return { now: 1024 * kib('VmRSS'), peak: 1024 * kib('VmHWM') };
  } catch {
    return { now: null, peak: null };
  }
}

/** Makes what is resident now the peak from here on. */
export function forgetPeak(pid) {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // Then the peak stays the whole process's, and is still true of that.
  }
}
