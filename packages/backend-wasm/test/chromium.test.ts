import { chromiumPath } from '@lowrank/browser';
import { describe, expect, it } from '@lowrank/testing';
import { fileURLToPath } from 'node:url';
import { inPage } from './in-page.js';
import type { OutcomeInPage } from './wasm-in-page.js';

const wanted = chromiumPath() !== undefined || Boolean(process.env['CI']);
if (!wanted) console.warn('tests in Chromium are skipped: none is installed, and CHROMIUM_PATH is not set');

describe('wasm in Chromium', () => {
  for (const [isolated, threads, because] of [
    [true, 2, ''],
    [false, 1, 'cross-origin isolated'],
  ] as const) {
    it.runIf(wanted)(
      `computes on ${threads} of two threads in a page that ${isolated ? 'is' : 'is not'} cross-origin isolated`,
      async () => {
        const entry = fileURLToPath(new URL('wasm-in-page.ts', import.meta.url));
        const outcome = await inPage<OutcomeInPage>({ entry, isolated, argument: { threads: 2 } });
        expect(outcome).toMatchObject({ isolated, threads, leaked: 0 });
        expect(outcome.because).toContain(because);
        // 150 products a sum, of values to 4; a norm divides by about 12.
        expect(outcome.product).toBeLessThan(3e-5);
        expect(outcome.norm).toBeLessThan(3e-6);
        expect(outcome.because === '').toBe(threads === 2);
      },
      60_000,
    );
  }
});
