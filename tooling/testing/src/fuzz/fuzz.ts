import { LowrankError } from '@lowrank/core';
import { mutated, random } from './mutate.js';
import { watchArrays } from './watch-arrays.js';

/** Bytes that are read piece by piece, as `@lowrank/formats` reads them. */
export interface FuzzSource {
  name: string;
  size: number;
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** A parser under test: it reads all that there is in some bytes. */
export interface FuzzTarget {
  name: string;
  /** Valid files to start from; of a pair only the first part is damaged. */
  intact: (Uint8Array | [damaged: Uint8Array, sound: Uint8Array])[];
  /** What each message holds. Default `fuzzedName`. */
  named?: string;
  /** Bytes that it may make whatever the file holds. Default 64 KiB. */
  ownBytes?: number;
  /** The share of damaged files that it must notice, or the damage does not reach it. Default a quarter. */
  leastRefused?: number;
  /** Parses `bytes`, also as a source that counts; gives the sizes in bytes of the arrays that it gave. */
  parse(bytes: Uint8Array, source: FuzzSource): Promise<number> | number;
}

export interface FuzzReport {
  cases: number;
  refused: number;
  /** Milliseconds of the slowest case. */
  slowest: number;
  /** The most bytes that a case read, over the size of its file. */
  mostRead: number;
  /** The largest array that a case made, in bytes, over what it may: `largest` for each of the file's, and its own. */
  mostMade: number;
}

/** The name that every message about a fuzzed file must hold. */
export const fuzzedName = 'fuzzed/file';

/**
 * Feeds mutations of valid files to a parser. Throws for the first case that ends in anything but a result or a
 * `LowrankError` that names the file, or whose parser makes an array larger than `largest` bytes for each of the file's.
 */
export async function fuzz(target: FuzzTarget, cases: number, seed: number): Promise<FuzzReport> {
  const report: FuzzReport = { cases, refused: 0, slowest: 0, mostRead: 0, mostMade: 0 };
  const { intact, named = fuzzedName, ownBytes = 2 ** 16 } = target;
  using watch = watchArrays();
  for (let round = 0; round < cases; round++) {
    const draw = random(Math.imul(seed, 1_000_003) + round);
    const bytes = damaged(intact[draw.below(intact.length)] as FuzzTarget['intact'][number], draw);
    const counter = { read: 0 };
    const room = largest * bytes.length + ownBytes;
    const fail = (what: string, cause?: unknown) => {
      const file = Buffer.from(bytes).toString('base64');
      return new Error(`${target.name}, seed ${seed}, case ${round}: ${what}\n${file}`, { cause });
    };
    watch.reset();
    const start = performance.now();
    try {
      const given = await target.parse(bytes, counting(bytes, counter));
      if (given > room) throw fail(`${given} bytes made of ${bytes.length}`);
    } catch (error) {
      if (!LowrankError.is(error)) throw fail('no LowrankError', error);
      if (!error.message.includes(named)) throw fail(`a message that does not name the file: ${error.message}`);
      report.refused++;
    }
    report.slowest = Math.max(report.slowest, performance.now() - start);
    if (watch.largest > room) throw fail(`an array of ${watch.largest} bytes made of ${bytes.length}`);
    report.mostMade = Math.max(report.mostMade, watch.largest / room);
    report.mostRead = Math.max(report.mostRead, counter.read / Math.max(1, bytes.length));
  }
  return report;
}

/** Float32 for the narrowest codes of GGUF, 4.5 bits, and for booleans: 8 bytes of a list for each of the file. */
const largest = 8;

function damaged(intact: FuzzTarget['intact'][number], draw: ReturnType<typeof random>): Uint8Array {
  if (intact instanceof Uint8Array) return mutated(intact, draw);
  const [head, rest] = [mutated(intact[0], draw), intact[1]];
  const whole = new Uint8Array(head.length + rest.length);
  whole.set(head);
  whole.set(rest, head.length);
  return whole;
}

/** A source that refuses to read past its end, and counts. */
function counting(bytes: Uint8Array, counter: { read: number }): FuzzSource {
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
