import type { RunningTrials } from './running-trials.js';

/** Resolves when `signal` aborts, or when there was no trial for `idle` seconds; never where neither is given. */
export function toldToEnd(trials: RunningTrials, { signal, idle }: { signal?: AbortSignal; idle?: number }) {
  return new Promise<void>((resolve) => {
    if (signal?.aborted) return resolve();
    let timer: NodeJS.Timeout | undefined;
    signal?.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
    if (idle === undefined) return;
    const look = () => {
      const left = idle - trials.idle;
      if (left <= 0) resolve();
      else timer = setTimeout(look, 1000 * left);
    };
    look();
  });
}
