import { openChromium, serve } from '@lowrank/browser';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';

export const dist = fileURLToPath(new URL('../dist/', import.meta.url));

export interface Site {
  origin: string;
  browser: Browser;
  close(): Promise<void>;
}

/** The built site, served as a host that sends the isolation headers, and a Chromium. */
export async function openSite(): Promise<Site> {
  const [served, browser] = await Promise.all([serve({ folders: { '/': dist } }), openChromium()]);
  return {
    origin: served.origin,
    browser,
    async close() {
      await browser.close();
      await served.close();
    },
  };
}

/** Opens the page's model on wasm and waits until it is there. */
export async function loadModel(page: Page, origin: string): Promise<void> {
  await page.goto(`${origin}/index.html`);
  await page.getByLabel('Compute on').selectOption('wasm');
  await page.getByRole('button', { name: 'Load the model' }).click();
  await page.getByRole('heading', { name: 'Train' }).waitFor();
}
