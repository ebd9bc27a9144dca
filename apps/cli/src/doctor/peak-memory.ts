import { readFileSync, writeFileSync } from 'node:fs';

/** Bytes of the process's memory that are resident. */
export const residentMemory = (): number => process.memoryUsage.rss();

/** The most bytes that were resident since the process began, or since `forgetPeak` where that works. */
export function peakMemory(): number {
  try {
    const [, kibibytes] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))!;
    return 1024 * Number(kibibytes);
  } catch {
    return 1024 * process.resourceUsage().maxRSS;
  }
}

/** Makes what is resident now the peak from here on. Only Linux can; elsewhere the peak stays the whole process's. */
export function forgetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Then only steps that need more than all before them show.
  }
}
