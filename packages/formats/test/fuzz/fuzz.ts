import { LowrankError } from '@lowrank/core';
import type { ByteSource } from '@lowrank/formats';
import { mutated, random } from './mutate.js';

/** A parser under test: it reads all that there is in some bytes. */
export interface FuzzTarget {
  name: string;
  /** Valid files to start from. */
  intact: Uint8Array[];
  /** Parses `bytes`, also as a source that counts; gives the sizes in bytes of the arrays that it made. */
  parse(bytes: Uint8Array, source: ByteSource): Promise<number> | number;
}

export interface FuzzReport {
  cases: number;
  refused: number;
  /** Milliseconds of the slowest case. */
  slowest: number;
  /** The most bytes that a case read, over the size of its file. */
  mostRead: number;
}

/** The name that every message about a fuzzed file must hold. */
export const fuzzedName = 'fuzzed/file';

/**
 * Feeds mutations of valid files to a parser. Throws for the first case that ends in anything but a result or a
 * `LowrankError` that names the file, or whose parser makes more than `largest` bytes for each of the file's.
 */
export async function fuzz(target: FuzzTarget, cases: number, seed: number): Promise<FuzzReport> {
  const report: FuzzReport = { cases, refused: 0, slowest: 0, mostRead: 0 };
  for (let round = 0; round < cases; round++) {
    const draw = random(Math.imul(seed, 1_000_003) + round);
    const bytes = mutated(target.intact[draw.below(target.intact.length)] as Uint8Array, draw);
    const counter = { read: 0 };
    const start = performance.now();
    const fail = (what: string, cause?: unknown) => {
      const file = Buffer.from(bytes).toString('base64');
      return new Error(`${target.name}, seed ${seed}, case ${round}: ${what}\n${file}`, { cause });
    };
    try {
      const made = await target.parse(bytes, counting(bytes, counter));
      if (made > largest * bytes.length) throw fail(`${made} bytes made of ${bytes.length}`);
    } catch (error) {
      if (!LowrankError.is(error)) throw fail('no LowrankError', error);
      if (!error.message.includes(fuzzedName)) throw fail(`a message that does not name the file: ${error.message}`);
      report.refused++;
    }
    report.slowest = Math.max(report.slowest, performance.now() - start);
    report.mostRead = Math.max(report.mostRead, counter.read / Math.max(1, bytes.length));
  }
  return report;
}

/** Float32 for the narrowest codes of GGUF, 4.5 bits, and for booleans: 8 bytes of a list for each of the file. */
const largest = 8;

/** A source that refuses to read past its end, and counts. */
function counting(bytes: Uint8Array, counter: { read: number }): ByteSource {
  return {
    name: fuzzedName,
    size: bytes.length,
    async read(offset, length) {
      if (!(offset >= 0 && length >= 0 && offset + length <= bytes.length)) throw new Error(`read ${offset}+${length}`);
      counter.read += length;
      return bytes.slice(offset, offset + length);
    },
    async close() {},
  };
}
