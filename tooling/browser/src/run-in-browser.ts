import { bundle, type BundleOptions } from './bundle.js';
import { openChromium } from './chromium.js';
import { serve } from './serve.js';

export interface BrowserRun extends BundleOptions {
  /** A TypeScript file whose default export is called in the page with `argument`, and may be async. */
  entry: string;
  /** JSON that the function is given. */
  argument?: unknown;
  /** Folders to serve beside it, by the path before their files. */
  folders?: Record<string, string>;
}

/**
 * What the default export of a TypeScript file gives in Chromium, as JSON. Throws what it throws, and any error that
 * the page does not catch.
 */
export async function runInBrowser<Result>({ entry, argument, folders, ...options }: BrowserRun): Promise<Result> {
  const texts = { '/': '<!doctype html><link rel="icon" href="data:,">', '/main.js': await bundle(entry, options) };
  const [served, browser] = await Promise.all([serve({ texts, ...(folders && { folders }) }), openChromium()]);
  try {
    const page = await browser.newPage();
    const uncaught = new Promise<never>((_, reject) => page.on('pageerror', reject));
    uncaught.catch(() => {});
    await page.goto(`${served.origin}/`);
    const call = `import('/main.js').then((main) => main.default(${JSON.stringify(argument)}))`;
    return (await Promise.race([page.evaluate(call), uncaught])) as Result;
  } finally {
    await browser.close();
    await served.close();
  }
}
