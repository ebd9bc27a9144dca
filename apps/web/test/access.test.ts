import { describe, expect, it } from '@lowrank/testing';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { beforeAll } from 'vitest';
import { loadModel, newPage, train, wanted, write, siteForAll } from './site.js';

const require = createRequire(import.meta.url);
const axe = require.resolve('axe-core/axe.min.js');

const site = siteForAll();
let page: Page;

describe.runIf(wanted)('the web demo for everyone', () => {
  beforeAll(async () => {
    page = await newPage(site);
    await loadModel(page, site.origin);
    await train(page, { text: 'Under the old bridge the river sings of rain. '.repeat(60), steps: 10 });
    await write(page, 'Under the old');
  }, 120_000);

  it('has no fault that axe finds, in light and in dark, with all there is on it', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await faults()).toEqual([]);
    }
  });

  it('is no wider than a phone', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    await page.setViewportSize({ width: 1280, height: 720 });
  });

  it('trains by keys alone', async () => {
    const keys = await newPage(site);
    await keys.goto(`${site.origin}/index.html`);
    await keys.getByLabel('Compute on').selectOption('wasm');
    await keys.getByRole('button', { name: 'Load the model' }).focus();
    await keys.keyboard.press('Enter');
    await keys.getByRole('heading', { name: 'Train' }).waitFor();
    await keys.getByLabel('Text to learn from').focus();
    await keys.keyboard.insertText('Under the old bridge the river sings of rain. '.repeat(60));
    const train = keys.getByRole('button', { name: 'Train', exact: true });
    for (let tabs = 0; tabs < 30 && !(await train.evaluate((node) => node === document.activeElement)); tabs++) {
      await keys.keyboard.press('Tab');
    }
    await keys.keyboard.press('Space');
    await keys.getByText(/Step \d+ of 60/).waitFor();
    await keys.context().close();
  });
});

async function faults(): Promise<unknown[]> {
  await page.addScriptTag({ content: await readFile(axe, 'utf8') });
  const { violations } = (await page.evaluate('axe.run()')) as {
    violations: { id: string; nodes: { html: string }[] }[];
  };
  return violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
}
