import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { newPage, startLoading, type Site } from './site.js';

const looks = {
  desktop: { width: 1100, height: 900, colorScheme: 'light' },
  dark: { width: 1100, height: 900, colorScheme: 'dark' },
  phone: { width: 390, height: 844, colorScheme: 'light' },
} as const;

/** Takes pictures of the page at the start, and after a run on Moby-Dick. */
export async function takePictures(site: Site, folder: string): Promise<void> {
  const page = await newPage(site);
  const shoot = async (look: keyof typeof looks, name: string) => {
    await dress(page, look);
    await page.screenshot({ path: join(folder, `${name}.jpg`), type: 'jpeg', quality: 70, fullPage: true });
  };
  await page.goto(`${site.origin}/index.html`);
  await shoot('desktop', 'start');
  await startLoading(page);
  await page.getByRole('button', { name: 'Moby-Dick' }).click();
  await page.getByLabel('A prompt to go on with').fill('The old captain');
  await page.getByRole('spinbutton', { name: 'Steps' }).fill('120');
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await page.getByText('Trained: 120 steps.').waitFor({ timeout: 240_000 });
  await page.getByRole('button', { name: 'Merge', exact: true }).click();
  await page.getByTestId('speeds').waitFor();
  for (const look of ['desktop', 'dark', 'phone'] as const) await shoot(look, look);
  await page.context().close();
}

async function dress(page: Page, look: keyof typeof looks): Promise<void> {
  const { width, height, colorScheme } = looks[look];
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme });
  // Time for the chart to be drawn again.
  await page.waitForTimeout(400);
}
