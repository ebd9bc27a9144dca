import { LowrankError } from '@lowrank/core';

/**
 * What a device reports too late to throw on the spot: WebGPU answers each call at once and says only afterwards that
 * it had no memory for it. Every value made between the last read that went well and the report may be zeros, so
 * using one throws; values from before and after stay good.
 */
export class Faults {
  readonly #born = new WeakMap<object, number>();
  readonly #spans: { after: number; until: number; error: LowrankError }[] = [];
  #now = 0;
  #good = 0;

  /** Notes that a value comes into being. */
  bear(dataId: object): void {
    this.#born.set(dataId, ++this.#now);
  }

  report(error: GPUError): void {
    const last = this.#spans.at(-1);
    if (last?.after === this.#good) last.until = this.#now;
    else this.#spans.push({ after: this.#good, until: this.#now, error: translated(error) });
  }

  /** Throws for a value that a fault may have spoiled. */
  check(dataId: object): void {
    const born = this.#born.get(dataId) ?? 0;
    const span = this.#spans.find(({ after, until }) => born > after && born <= until);
    if (span) throw span.error;
  }

  /** A mark to give `confirm` when all that came before it has been done. */
  get mark(): number {
    return this.#now;
  }

  confirm(mark: number): void {
    if ((this.#spans.at(-1)?.until ?? 0) < mark) this.#good = Math.max(this.#good, mark);
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
