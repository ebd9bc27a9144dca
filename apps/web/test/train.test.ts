import { chromiumPath } from '@lowrank/browser';
import { describe, expect, it, withFolder } from '@lowrank/testing';
import { strFromU8, unzipSync } from 'fflate';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { dist, loadModel, openSite, type Site } from './site.js';

const wanted = process.env['CI'] === 'true' || (existsSync(join(dist, 'index.html')) && chromiumPath() !== undefined);
if (!wanted) console.warn('tests of the web demo are skipped: it is not built, or there is no Chromium');

const require = createRequire(import.meta.url);
const model = require.resolve('@lowrank/tiny-base/model/config.json').replace(/config\.json$/, '');
const cli = fileURLToPath(new URL('../../cli/dist/main.js', import.meta.url));
const verse = 'Under the old bridge the river sings of rain, and nobody answers. ';

let site: Site;
let page: Page;

describe.runIf(wanted)('the web demo', () => {
  beforeAll(async () => {
    site = await openSite();
    page = await (await site.browser.newContext({ acceptDownloads: true })).newPage();
    await page.addInitScript(() => {
      const blocked: number[] = [];
      Object.assign(globalThis, { blocked });
      new PerformanceObserver((list) => blocked.push(...list.getEntries().map(({ duration }) => duration))).observe({
        entryTypes: ['longtask'],
      });
    });
    await loadModel(page, site.origin);
  });
  afterAll(() => site?.close());

  it('learns, and never blocks the page while it does', async () => {
    await page.getByLabel('Text or JSON Lines').fill(verse.repeat(60));
    await page.getByRole('spinbutton', { name: 'Steps' }).fill('30');
    await page.evaluate('globalThis.blocked.length = 0');
    await page.getByRole('button', { name: 'Train' }).click();
    const heldOut = page.getByTestId('held-out');
    await heldOut.waitFor();
    const before = await lossOf(heldOut.innerText());
    await page.getByText('Trained: 30 steps.').waitFor();
    expect(await lossOf(heldOut.innerText())).toBeLessThan(before * 0.5);
    const blocked = (await page.evaluate('globalThis.blocked')) as number[];
    expect(Math.max(0, ...blocked)).toBeLessThan(50);
  });

  it('downloads an adapter with which the command line writes the same text', () =>
    withFolder(async (folder) => {
      const files = await download('PEFT');
      expect(Object.keys(files).toSorted()).toEqual(['adapter_config.json', 'adapter_model.safetensors']);
      expect(JSON.parse(strFromU8(files['adapter_config.json']!))).toMatchObject({ r: 8, peft_type: 'LORA' });
      await mkdir(folder, { recursive: true });
      for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
      expect((await fromCli(folder)).trim()).toContain((await fromPage('adapted')).trim());
      // The same folder put back: two of it, with one taken off, write the same again.
      await page.getByLabel('Add a PEFT adapter').setInputFiles(Object.keys(files).map((name) => join(folder, name)));
      await page.getByLabel('yours, weight').fill('0');
      expect((await fromCli(folder)).trim()).toContain((await fromPage('adapted')).trim());
    }));

  it('downloads a GGUF adapter', async () => {
    const bytes = (await download('GGUF'))['yours.gguf']!;
    expect(strFromU8(bytes.slice(0, 4))).toBe('GGUF');
  });

  it('says what is wrong with a malformed file, and keeps what it has', async () => {
    const before = await fromPage('adapted');
    const config = { name: 'adapter_config.json', mimeType: 'application/json', buffer: Buffer.from('{"r": ') };
    await page.getByLabel('Add a PEFT adapter').setInputFiles([config]);
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').innerText()).toContain('adapter_config.json');
    expect(await fromPage('adapted')).toBe(before);
  });

  it('has no fault that axe finds, in light and in dark', async () => {
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

  it('goes on after a reload where it was paused', async () => {
    await page.getByRole('spinbutton', { name: 'Steps' }).fill('400');
    await page.getByRole('button', { name: 'Train' }).click();
    await page.getByText(/Step \d+ of 400/).waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    const paused = page.getByText(/Paused at step \d+/);
    await paused.waitFor();
    const step = Number(/\d+/.exec(await paused.innerText())![0]);
    await loadModel(page, site.origin);
    await page.getByText(`A run of yours stands at step ${step}`).waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByText(/Step \d+ of 400/).waitFor();
    expect(Number(/\d+/.exec(await page.getByText(/Step \d+ of 400/).innerText())![0])).toBeGreaterThan(step);
    await page.getByRole('button', { name: 'Pause' }).click();
    await paused.waitFor();
  });

  it('loads under 400 kB before a model is chosen', async () => {
    const { gzipSync } = await import('node:zlib');
    const html = await readFile(join(dist, 'index.html'), 'utf8');
    const scripts = Array.from(html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.js)"/g), ([, path]) => path!);
    expect(scripts.length).toBeGreaterThan(0);
    const sizes = await Promise.all(scripts.map(async (path) => gzipSync(await readFile(join(dist, path))).length));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(400_000);
  });
});

async function lossOf(text: Promise<string>): Promise<number> {
  return Number((await text).replace('held-out loss ', ''));
}

/** What the page writes after its own prompt. */
async function fromPage(which: 'base' | 'adapted'): Promise<string> {
  await page.getByLabel('Prompt').fill('Under the old');
  await page.getByRole('button', { name: 'Write' }).click();
  const quote = page.getByTestId(which);
  await quote.waitFor();
  return quote.innerText();
}

async function fromCli(adapter: string): Promise<string> {
  const args = ['generate', '--model', model, '--adapter', adapter, '--prompt', 'Under the old'];
  const options = ['--max-tokens', '40', '--temperature', '0', '--backend', 'wasm'];
  return (await promisify(execFile)(process.execPath, [cli, ...args, ...options])).stdout;
}

async function download(format: 'PEFT' | 'GGUF'): Promise<Record<string, Uint8Array>> {
  const waiting = page.waitForEvent('download');
  await page.getByRole('button', { name: `Download yours (${format})` }).click();
  return unzipSync(await readFile(await (await waiting).path()));
}

async function faults(): Promise<unknown[]> {
  await page.addScriptTag({ content: await readFile(require.resolve('axe-core/axe.min.js'), 'utf8') });
  const { violations } = (await page.evaluate('axe.run()')) as {
    violations: { id: string; nodes: { html: string }[] }[];
  };
  return violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
}
