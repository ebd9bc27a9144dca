import { bundle, openChromium, serve } from '@lowrank/browser';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

interface PageRun {
  /** A TypeScript file whose default export is called in the page with `argument`. */
  entry: string;
  /** Whether the page is cross-origin isolated, without which a browser shares no memory with threads. */
  isolated: boolean;
  argument: unknown;
}

/** What a TypeScript file's default export gives in a page of Chromium, with tfjs's binaries at `/wasm/`. */
export async function inPage<Result>({ entry, isolated, argument }: PageRun): Promise<Result> {
  const main = await bundle(entry, { alias: process.env['TEST_BUILT'] ? built : {} });
  const texts = { '/': '<!doctype html><link rel="icon" href="data:,">', '/main.js': main };
  const wasm = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.wasm');
  const served = await serve({ texts, folders: { '/wasm/': fileURLToPath(new URL('.', `file://${wasm}`)) } });
  const browser = await openChromium();
  try {
    const page = await browser.newPage();
    if (!isolated) {
      await page.route('**', async (route) => {
        const response = await route.fetch();
        const headers = Object.entries(response.headers()).filter(([name]) => !name.startsWith('cross-origin-'));
        await route.fulfill({ response, headers: Object.fromEntries(headers) });
      });
    }
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

/** What is published, where the tests run on that. */
const built = { '@lowrank/backend-wasm': at('../dist/index.js'), '@lowrank/core': at('../../core/dist/index.js') };

function at(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}
