/**
 * A signal that aborts on the first Ctrl-C or SIGTERM, so that the running step ends and is kept; a second one
 * stops at once. `release` gives the keys back their usual meaning.
 */
export function interruptSignal(onFirst: () => void): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const names = ['SIGINT', 'SIGTERM'] as const;
  const handle = () => {
    if (controller.signal.aborted) process.exit(130);
    onFirst();
    controller.abort();
  };
  for (const name of names) process.on(name, handle);
  const release = () => names.forEach((name) => process.off(name, handle));
  return { signal: controller.signal, release };
}
