import { describe, expect, it } from '@lowrank/testing';
import { fuzz } from './fuzz.js';
import { fuzzTargets } from './targets.js';

/** `pnpm run fuzz` in this package sets a million. */
const cases = Number(process.env['FUZZ_CASES'] ?? 3000);
const seed = Number(process.env['FUZZ_SEED'] ?? 1);

describe(`of ${cases} damaged files`, () => {
  for (const target of fuzzTargets) {
    it(`each ${target.name} is read, or refused by a LowrankError that names it, without a hang or a large allocation`, async () => {
      const before = process.memoryUsage().rss;
      const report = await fuzz(target, cases, seed);
      const grown = process.memoryUsage().rss - before;
      if (process.env['FUZZ_CASES']) console.log(target.name, { ...report, grownMiB: Math.round(grown / 2 ** 20) });
      // A file is read at most twice where its header outgrew the first read, and nothing of it is kept.
      expect(report.mostRead).toBeLessThanOrEqual(3);
      expect(report.slowest).toBeLessThan(10_000);
      expect(grown).toBeLessThan(512 * 2 ** 20);
      // Half of all damage at least must be noticed, or the mutations do not reach the parser.
      expect(report.refused).toBeGreaterThan(cases / 4);
      expect(report.refused).toBeLessThan(cases);
    }, 3_600_000);
  }
});
