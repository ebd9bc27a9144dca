/** Why a trial's process is ended before it is done. */
export type StopReason = 'stopped' | 'lock-lost' | 'cancelled';

/** The trials that a worker has processes for. */
export class RunningTrials {
  readonly #running = new Map<string, { controller: AbortController; over: Promise<unknown> }>();
  #idleSince = performance.now();

  /** Seconds since there was a trial. */
  get idle(): number {
    return this.#running.size > 0 ? 0 : (performance.now() - this.#idleSince) / 1000;
  }

  /**
   * Does the work of a trial, once its process of before has ended: a worker that lost its lock may get the same
   * trial anew. `work` ends early where its signal says so, with a `StopReason`.
   */
  async run<Result>(name: string, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    for (let before = this.#running.get(name); before; before = this.#running.get(name)) await before.over;
    const controller = new AbortController();
    const result = work(controller.signal);
    const over = result
      .catch(() => {})
      .finally(() => {
        this.#running.delete(name);
        this.#idleSince = performance.now();
      });
    this.#running.set(name, { controller, over });
    return result;
  }

  /** Resolves when no process is left. */
  async over(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ over }) => over));
  }

  stop(name: string, why: StopReason): void {
    this.#running.get(name)?.controller.abort(why);
  }

  stopAll(why: StopReason): void {
    for (const { controller } of this.#running.values()) controller.abort(why);
  }
}
