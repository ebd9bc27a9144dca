import { chromiumPath, runInBrowser } from '@lowrank/browser';
import { describe, expect, it } from '@lowrank/testing';
import { fileURLToPath } from 'node:url';
import type inChromium from './in-chromium.js';

describe('webgpu in Chromium', () => {
  const wanted = chromiumPath() !== undefined || Boolean(process.env['CI']);
  if (!wanted) console.warn('tests in Chromium are skipped: none is installed, and CHROMIUM_PATH is not set');

  it.runIf(wanted)(
    'gives the same numbers as in Node, and the same errors',
    async () => {
      const entry = fileURLToPath(new URL('in-chromium.ts', import.meta.url));
      const { outcomes, ...rest } = await runInBrowser<Awaited<ReturnType<typeof inChromium>>>({ entry });
      expect(outcomes.length).toBeGreaterThan(30);
      for (const { name, differences, atol, leaked } of outcomes) {
        expect(Math.max(...differences), name).toBeLessThanOrEqual(atol);
        expect(leaked, name).toBe(0);
      }
      expect(rest).toEqual({ refused: 'device-fault', lost: 'device-lost', after: 1 });
    },
    120_000,
  );
});
