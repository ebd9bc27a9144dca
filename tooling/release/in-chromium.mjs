// A bundled page, run in Chromium as a site that sends the isolation headers.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createJiti } from 'jiti';

const { chromiumPath, openChromium, serve } = await createJiti(import.meta.url).import('@lowrank/browser');

export const hasChromium = chromiumPath() !== undefined;

/** @returns what `globalThis.used` of `dist/page.js` comes to, and the browser's version. Throws what the page throws. */
export async function runPage(project) {
  const { resolve } = createRequire(join(project, 'page.mjs'));
  const folders = {
    '/dist/': join(project, 'dist'),
    '/model/': dirname(resolve('@lowrank/tiny-base/model/config.json')),
    '/wasm/': dirname(resolve('@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.wasm')),
  };
  const html = '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/dist/page.js"></script>';
  const [served, browser] = await Promise.all([serve({ texts: { '/': html }, folders }), openChromium()]);
  try {
    const page = await browser.newPage();
    const uncaught = new Promise((_, reject) => page.on('pageerror', reject));
    uncaught.catch(() => {});
    await page.goto(`${served.origin}/`);
    const used = await Promise.race([page.evaluate('globalThis.used'), uncaught]);
    return { ...used, browser: browser.version() };
  } finally {
    await browser.close();
    await served.close();
  }
}
