// A bundled page, run in Chromium as a site that sends the isolation headers.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createJiti } from 'jiti';

const { chromiumPath, openChromium, serve } = await createJiti(import.meta.url).import('@lowrank/browser');

export const hasChromium = chromiumPath() !== undefined;

/**
 * @param options.isolated whether the site sends the isolation headers, without which a page has one thread
 * @returns what `dist/page.js` leaves in `globalThis.outcome`, with the browser's version. Throws what the page says went
 * wrong, and where it comes to no end within a minute.
 */
export async function runPage(project, { isolated }) {
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
    if (!isolated) await page.route('**', withoutIsolation);
    const said = [];
    page.on('pageerror', (error) => said.push(error.message));
    await page.goto(`${served.origin}/`);
    const end = page.waitForFunction('globalThis.outcome', undefined, { timeout: 60_000 });
    const outcome = await end.then(
      (handle) => handle.jsonValue(),
      ({ message }) => ({ error: [message, ...said].join('; ') }),
    );
    if (outcome.error) throw new Error(outcome.error);
    return { ...outcome, browser: browser.version() };
  } finally {
    await browser.close();
    await served.close();
  }
}

async function withoutIsolation(route) {
  const response = await route.fetch();
  const headers = Object.entries(response.headers()).filter(([name]) => !name.startsWith('cross-origin-'));
  await route.fulfill({ response, headers: Object.fromEntries(headers) });
}
