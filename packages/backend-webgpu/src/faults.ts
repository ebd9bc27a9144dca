import { LowrankError } from '@lowrank/core';
import type { BackendValues } from '@tensorflow/tfjs-core';

/**
 * What a device reports too late to throw on the spot: WebGPU answers each call at once and says only afterwards that
 * it had no memory for it. All that was made between the last read that went well and the report, values and buffers,
 * may be zeros or unusable; what was made before and after stays good. Values that came from the host are kept until
 * such a read, so that they can be uploaded again.
 */
export class Faults {
  readonly #born = new WeakMap<object, number>();
  readonly #kept = new Map<object, BackendValues>();
  readonly #spans: { after: number; until: number; error: LowrankError }[] = [];
  #now = 0;
  #good = 0;

  /** Notes that a value or a buffer comes into being. */
  bear(made: object, fromHost?: BackendValues): void {
    this.#born.set(made, ++this.#now);
    if (fromHost) this.#kept.set(made, fromHost);
  }

  /** What a value came from, where no read has shown yet that it arrived. */
  fromHost(made: object): BackendValues | undefined {
    return this.#kept.get(made);
  }

  /** Lets go of what a value came from. */
  forget(made: object): void {
    this.#kept.delete(made);
  }

  report(error: GPUError): void {
    const last = this.#spans.at(-1);
    if (last?.after === this.#good) last.until = this.#now;
    else this.#spans.push({ after: this.#good, until: this.#now, error: translated(error) });
  }

  /** The fault that may have spoiled what was made. */
  of(made: object): LowrankError | undefined {
    const born = this.#born.get(made) ?? 0;
    return this.#spans.find(({ after, until }) => born > after && born <= until)?.error;
  }

  /** Whether it was made under this watch. */
  knows(made: object): boolean {
    return this.#born.has(made);
  }

  /** A mark to give `confirm` when all that came before it has been done. */
  get mark(): number {
    return this.#now;
  }

  /** A fault of what was made after a mark. */
  after(mark: number): LowrankError | undefined {
    return this.#spans.find(({ until }) => until > mark)?.error;
  }

  confirm(mark: number): void {
    if ((this.#spans.at(-1)?.until ?? 0) >= mark) return;
    this.#good = Math.max(this.#good, mark);
    for (const made of this.#kept.keys()) {
      if ((this.#born.get(made) as number) <= mark && !this.of(made)) this.#kept.delete(made);
    }
  }
}

function translated(error: GPUError): LowrankError {
  const { message } = error;
  if (error.constructor.name === 'GPUOutOfMemoryError') {
    return new LowrankError('out-of-memory', {
      given: `an allocation on the graphics card (${firstLine(message)})`,
      rule: 'it must fit into its memory beside what is there',
      fix: 'use a smaller batch, shorter sequences or a quantised base; what was computed since the last read is lost',
      cause: error,
    });
  }
  return new LowrankError('device-fault', {
    given: `work for the graphics card (${firstLine(message)})`,
    rule: 'the device must accept it',
    fix: 'please report this with its cause; what was computed since the last read is lost',
    cause: error,
  });
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0] as string;
}
