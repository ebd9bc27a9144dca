import { LowrankError } from '@lowrank/core/plan';

/** Thrown when the bytes at hand end before what the file must still hold. */
export class NeedsMore {
  constructor(readonly length: number) {}
}

/**
 * Reads little-endian values one after another from the first bytes of a file. Every length is checked against the
 * whole file before anything is made of it. Throws `file-invalid`, or `NeedsMore` when more of the file must be read.
 */
export class Cursor {
  at = 0;
  readonly #view: DataView;

  /** @param size of the whole file, in bytes */
  constructor(
    readonly name: string,
    private readonly bytes: Uint8Array,
    private readonly size: number,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8 = (): number => this.#view.getUint8(this.#advance(1));
  i8 = (): number => this.#view.getInt8(this.#advance(1));
  u16 = (): number => this.#view.getUint16(this.#advance(2), true);
  i16 = (): number => this.#view.getInt16(this.#advance(2), true);
  u32 = (): number => this.#view.getUint32(this.#advance(4), true);
  i32 = (): number => this.#view.getInt32(this.#advance(4), true);
  f32 = (): number => this.#view.getFloat32(this.#advance(4), true);
  f64 = (): number => this.#view.getFloat64(this.#advance(8), true);
  u64 = (): number | bigint => narrowed(this.#view.getBigUint64(this.#advance(8), true));
  i64 = (): number | bigint => narrowed(this.#view.getBigInt64(this.#advance(8), true));

  /** A count of things that take at least `bytesEach` bytes; one that the rest of the file cannot hold is refused. */
  count(what: string, bytesEach: number): number {
    const count = this.u64();
    const left = this.size - this.at;
    if (typeof count === 'number' && count * bytesEach <= left) return count;
    throw this.invalid(`it says ${count} ${what} where ${left} bytes are left`);
  }

  text(what: string): string {
    const bytes = this.raw(this.count(`bytes of ${what}`, 1));
    try {
      return utf8.decode(bytes);
    } catch (cause) {
      throw this.invalid(`${what} is not UTF-8`, cause);
    }
  }

  /** The next bytes, not copied. */
  raw(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.bytes.subarray(start, start + length);
  }

  invalid(rule: string, cause?: unknown): LowrankError {
    return new LowrankError('file-invalid', { given: this.name, rule, fix: 'get or make the file again', cause });
  }

  #advance(length: number): number {
    const start = this.at;
    const end = start + length;
    if (end > this.size) throw this.invalid(`it ends at byte ${this.size} where ${end} bytes are needed`);
    if (end > this.bytes.byteLength) throw new NeedsMore(end);
    this.at = end;
    return start;
  }
}

/** One for all: a tokenizer has a hundred thousand texts. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function narrowed(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
