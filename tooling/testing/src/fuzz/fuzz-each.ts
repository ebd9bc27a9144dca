import { describe, expect } from 'vitest';
import { it } from '../it.js';
import { fuzz, type FuzzTarget } from './fuzz.js';

/** `pnpm run fuzz` sets a million. */
const cases = Number(process.env['FUZZ_CASES'] ?? 3000);
const seed = Number(process.env['FUZZ_SEED'] ?? 1);

/** A test for each parser: whatever it is given, it neither crashes nor hangs, nor makes more than the file is worth. */
export function fuzzEach(targets: FuzzTarget[]): void {
  describe(`of ${cases} damaged files`, () => {
    for (const target of targets) {
      it(`each ${target.name} is read, or refused by a LowrankError that names it, without a hang or a large allocation`, async () => {
        const before = process.memoryUsage().rss;
        const report = await fuzz(target, cases, seed);
        const grown = process.memoryUsage().rss - before;
        if (process.env['FUZZ_CASES']) {
          console.log(JSON.stringify({ target: target.name, ...report, grownMiB: Math.round(grown / 2 ** 20) }));
        }
        // A file is read at most twice where its header outgrew the first read, and nothing of it is kept.
        expect(report.mostRead).toBeLessThanOrEqual(3);
        expect(report.slowest).toBeLessThan(10_000);
        expect(grown).toBeLessThan(512 * 2 ** 20);
        expect(report.refused).toBeGreaterThan(cases * (target.leastRefused ?? 0.25));
        expect(report.refused).toBeLessThan(cases);
      }, 3_600_000);
    }
  });
}
