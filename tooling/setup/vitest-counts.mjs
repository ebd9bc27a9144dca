// Sums what vitest's own JSON reports say.
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tool } from './steps.mjs';

const folder = mkdtempSync(join(tmpdir(), 'lowrank-verify-'));

// All tests so far.
const total = { passed: 0, failed: 0, skipped: 0 };

/** @returns the command of one vitest run, and `count`, which reads and adds up its report afterwards. */
export function vitest(name, ...filters) {
  const report = join(folder, `${name}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  return {
    command: tool('vitest', 'run', ...reporters, ...filters),
    count() {
      if (!existsSync(report)) return 'no report';
      const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(
        readFileSync(report, 'utf8'),
      );
      total.passed += numPassedTests;
      total.failed += numFailedTests;
      total.skipped += numPendingTests + numTodoTests;
      return `${numPassedTests} passed${numFailedTests ? `, ${numFailedTests} failed` : ''}`;
    },
  };
}

/** @returns `123 passed, 0 failed`, with what was skipped where anything was. */
export function summary(extraFailures) {
  const { passed, failed, skipped } = total;
  return `${passed} passed, ${Math.max(failed, extraFailures)} failed${skipped ? `, ${skipped} skipped` : ''}`;
}
