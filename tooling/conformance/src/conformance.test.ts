// Every backend against the whole suite, and the docs' table against what that gave.
import type { Report } from '@lowrank/conformance';
import { LowrankError } from '@lowrank/core';
import { expect, test, type TestContext } from 'vitest';
import { page } from './page.js';
import { runs, type Run } from './runs.js';

const minutes = 60_000;
const reports = new Map<string, Report>();

for (const run of runs) {
  test(`${run.title} conforms`, { timeout: 5 * minutes }, async (context) => {
    const report = await reportOf(run, context);
    reports.set(run.title, { ...report, backend: run.title });
    const failures = report.results.filter(({ passed }) => !passed);
    expect(failures.map(({ op, title, failure }) => `${op}, ${title}: ${failure}`)).toEqual([]);
    expect(report.results.length).toBeGreaterThan(250);
    expect(report.passed).toBe(true);
  });
}

test('docs/conformance.md is what these runs give; pnpm run conformance writes it anew', async (context) => {
  const missing = runs.filter(({ title }) => !reports.has(title)).map(({ title }) => title);
  if (missing.length > 0) context.skip(`without a report on ${missing.join(', ')}`);
  await expect(page([...reports.values()])).toMatchFileSnapshot('../../../docs/conformance.md');
});

/** With CI=true a backend that cannot start is a failure; elsewhere a skip that says why. */
async function reportOf({ title, report }: Run, context: TestContext): Promise<Report> {
  try {
    return await report();
  } catch (error) {
    if (process.env['CI'] === 'true' || !LowrankError.is(error, 'backend-unavailable')) throw error;
    console.warn(`${title} is skipped: ${error.message}`);
    return context.skip(error.message);
  }
}
