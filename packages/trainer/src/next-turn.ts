/**
 * Lets everything else that waits run once: signals, timers, messages, painting. Without it a run on a backend
 * that answers at once (cpu, wasm) would keep the thread from its first step to its last.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
}
