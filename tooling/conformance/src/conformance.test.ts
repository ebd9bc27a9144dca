// Every backend against the whole suite, and the docs' table against what that gave.
import type { Report } from '@lowrank/conformance';
import { expect, test } from 'vitest';
import { orSkip } from './backends.js';
import { page } from './page.js';
import { runs } from './runs.js';

const minutes = 60_000;
const reports = new Map<string, Report>();

for (const run of runs) {
  test(`${run.title} conforms`, { timeout: 10 * minutes }, async (context) => {
    const report = await orSkip(run.title, context, run.report);
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
