import type { LoraManager } from '@lowrank/manager';
import type { CausalModel } from '@lowrank/models';
import { reshape, slice, tensor2d, tidy, unstack, type Tensor } from '@tensorflow/tfjs-core';
import { ApiError } from './api-error.js';
import type { Metrics } from './metrics.js';
import type { Sequence } from './sequence.js';

export interface SchedulerOptions {
  model: CausalModel;
  manager: LoraManager;
  metrics: Metrics;
  /** Most sequences in one pass. */
  maxBatch: number;
  /** Most that wait for a place. */
  maxQueue: number;
}

/**
 * Continuous batching: each turn reads the prompts of those that join, then gives every running sequence one token in
 * one forward pass, whatever its adapter and its length. Only this loop touches the model.
 * @see Yu et al. 2022, Orca, https://www.usenix.org/conference/osdi22/presentation/yu
 */
export class Scheduler {
  readonly #waiting: Sequence[] = [];
  #running: Sequence[] = [];
  #loop: Promise<void> | undefined;

  constructor(private readonly options: SchedulerOptions) {}

  /** Throws an `ApiError` 429 where no more may wait. */
  checkRoom(): void {
    if (this.#waiting.length < this.options.maxQueue) return;
    throw new ApiError(429, 'overloaded', `${this.#waiting.length} requests wait already; try again in a second`);
  }

  /** Throws as `checkRoom`. */
  submit(sequence: Sequence): void {
    this.checkRoom();
    this.#waiting.push(sequence);
    this.#count();
    this.#loop ??= this.#run();
  }

  /** When nothing waits or runs. */
  async idle(): Promise<void> {
    await this.#loop;
  }

  /** Fails all that waits or runs. */
  stop(error: ApiError): void {
    for (const sequence of [...this.#waiting, ...this.#running]) sequence.fail(error);
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0 || this.#running.length > 0) {
      // Lets requests, timers and closed connections in between two turns.
      await new Promise<void>((resolve) => setImmediate(resolve));
      this.#sweep();
      const free = this.options.maxBatch - this.#running.length;
      for (const sequence of this.#waiting.splice(0, free)) {
        this.#running.push(sequence);
        await this.#pass([sequence]);
      }
      this.#sweep();
      // Of those with one id to read: each has read its prompt.
      if (this.#running.length > 0) await this.#pass(this.#running);
    }
    this.#count();
    this.#loop = undefined;
  }

  /** Drops what has ended, and ends what has no time left. */
  #sweep(): void {
    const now = Date.now();
    const live = (sequence: Sequence) => {
      sequence.checkTime(now);
      if (sequence.ended) sequence.cache.dispose();
      return !sequence.ended;
    };
    this.#running = this.#running.filter(live);
    this.#waiting.splice(0, Infinity, ...this.#waiting.filter(live));
    this.#count();
  }

  /** One forward pass of sequences that read the same number of ids. */
  async #pass(sequences: Sequence[]): Promise<void> {
    const { metrics } = this.options;
    const start = performance.now();
    try {
      const rows = await this.#logits(sequences);
      sequences.forEach((sequence, row) => {
        if (sequence.ended) return;
        try {
          sequence.take(rows[row] as Float32Array);
          metrics.tokens.inc();
        } catch (error) {
          sequence.fail(error);
        }
      });
    } catch (error) {
      for (const sequence of sequences) sequence.fail(error);
    }
    metrics.batch.observe(sequences.length);
    metrics.step.observe((performance.now() - start) / 1000);
  }

  /** @returns `[vocab]` for each sequence */
  async #logits(sequences: Sequence[]): Promise<Float32Array[]> {
    const { model, manager } = this.options;
    const context = manager.forRows(sequences.map(({ adapter }) => adapter));
    const ids = sequences.map(({ next }) => next);
    const seq = ids[0]?.length as number;
    const caches = sequences.map(({ cache }) => cache);
    const rows: Tensor[] = tidy(() => {
      const all = model.forward(tensor2d(ids, [ids.length, seq], 'int32'), context, caches);
      return unstack(reshape(slice(all, [0, seq - 1, 0], [-1, 1, -1]), [ids.length, -1]));
    });
    try {
      return await Promise.all(rows.map((row) => row.data<'float32'>()));
    } finally {
      for (const row of rows) row.dispose();
    }
  }

  #count(): void {
    this.options.metrics.running.set(this.#running.length);
    this.options.metrics.waiting.set(this.#waiting.length);
  }
}
