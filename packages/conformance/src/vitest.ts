import { useBackend, type Backend } from '@lowrank/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { shareOf } from './outcome.js';
import { casesFor, type ConformanceOptions } from './run-conformance.js';
import { tolerances } from './tolerances.js';

/** Registers the suite with vitest: a `describe` for the backend, an `it` for each case. */
export function testBackend(backend: Backend, options: ConformanceOptions = {}): void {
  const { large = true, tolerances: overrides = {} } = options;
  describe(`${backend.name} conforms${large ? '' : ', the large shapes left out'}`, () => {
    beforeAll(async () => {
      await useBackend(backend);
    });
    for (const { op, title, run } of casesFor(options)) {
      const override = overrides[op];
      it(`${op}: ${title}${override ? `, tolerance loosened for ${override.because}` : ''}`, async () => {
        const outcome = await run(override ?? tolerances[op]);
        const message = `${outcome.where} is off by ${outcome.error}, where ${outcome.tolerance} is allowed`;
        expect(shareOf(outcome), message).toBeLessThanOrEqual(1);
      });
    }
  });
}
