import { chromiumPath, runInBrowser } from '@lowrank/browser';
import { describe, expect, it } from '@lowrank/testing';
import { fileURLToPath } from 'node:url';
import type inChromium from './in-chromium.js';

describe('webgpu in Chromium', () => {
  const wanted = chromiumPath() !== undefined || Boolean(process.env['CI']);
  if (!wanted) console.warn('tests in Chromium are skipped: none is installed, and CHROMIUM_PATH is not set');

  it.runIf(wanted)(
    'gives the same errors as in Node, and works on after a new start',
    async () => {
      const entry = fileURLToPath(new URL('in-chromium.ts', import.meta.url));
      const found = await runInBrowser<Awaited<ReturnType<typeof inChromium>>>({ entry });
      expect(found).toEqual({ refused: 'device-fault', lost: 'device-lost', after: 1, again: 3 });
    },
    120_000,
  );
});
