const fatal = ['uncaughtException', 'unhandledRejection'] as const;

/**
 * Runs `start` and takes away the listeners that it leaves on the process for fatal errors. Emscripten's throw
 * what they are given, which ends the process with code 7 before the program's own listeners hear of it.
 */
export async function keepingListeners<T>(start: () => Promise<T>): Promise<T> {
  const before = new Set(fatal.flatMap((event) => process.listeners(event as 'uncaughtException')));
  try {
    return await start();
  } finally {
    for (const event of fatal) {
      for (const listener of process.listeners(event as 'uncaughtException')) {
        if (!before.has(listener)) process.removeListener(event, listener);
      }
    }
  }
}
