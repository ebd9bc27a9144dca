import type { RunningTrials } from './running-trials.js';

export type EndReason = 'stopped' | 'idle';

/** Resolves when `signal` aborts, or when there was no trial for `idle` seconds; never where neither is given. */
export function toldToEnd(
  trials: RunningTrials,
  { signal, idle }: { signal?: AbortSignal; idle?: number },
): Promise<EndReason> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve('stopped');
    let timer: NodeJS.Timeout | undefined;
    const stop = () => {
      clearTimeout(timer);
      resolve('stopped');
    };
    signal?.addEventListener('abort', stop, { once: true });
    if (idle === undefined) return;
    const look = () => {
      const left = idle - trials.idle;
      if (left <= 0) resolve('idle');
      else timer = setTimeout(look, 1000 * left);
    };
    look();
  });
}
