/** How often a wait looks again without being told to: events that came while the connection was down are lost. */
const lookAgain = 5000;

/** Those who wait for something to change about a job. */
export class Waiters {
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #timer = setInterval(() => this.wakeAll(), lookAgain);

  /** Resolves at the next news of `name`, and now and then without any. */
  change(name: string): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.set(name, (this.#waiting.get(name) ?? new Set()).add(resolve));
    });
  }

  wake(name: string): void {
    const all = this.#waiting.get(name) ?? [];
    this.#waiting.delete(name);
    for (const resolve of all) resolve();
  }

  wakeAll(): void {
    for (const name of [...this.#waiting.keys()]) this.wake(name);
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
