import { chromiumPath, openChromium, serve } from '@lowrank/browser';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import type { BackendName } from '../src/messages.js';

export const dist = fileURLToPath(new URL('../dist/', import.meta.url));

/** The folder of the model that the page carries. */
export const tinyBase = createRequire(import.meta.url)
  .resolve('@lowrank/tiny-base/model/config.json')
  .replace(/config\.json$/, '');

export const wanted =
  process.env['CI'] === 'true' || (existsSync(join(dist, 'index.html')) && chromiumPath() !== undefined);
if (!wanted) console.warn('tests of the web demo are skipped: it is not built, or there is no Chromium');

export interface Site {
  origin: string;
  browser: Browser;
}

export interface SiteOptions {
  /** Whether the host sends the headers that wasm threads need. Default true. */
  isolated?: boolean;
  /** Cores that the worker is told of, instead of this machine's. */
  cores?: number;
}

/** The built site and a Chromium. */
export async function openSite({ isolated = true, cores }: SiteOptions = {}): Promise<
  Site & { close(): Promise<void> }
> {
  const texts = cores === undefined ? {} : await workerWith(cores);
  const [served, browser] = await Promise.all([serve({ folders: { '/': dist }, texts, isolated }), openChromium()]);
  return {
    origin: served.origin,
    browser,
    async close() {
      await browser.close();
      await served.close();
    },
  };
}

/** The site that all tests of a file share, there while they run. */
export function siteForAll(): Site {
  let site: Awaited<ReturnType<typeof openSite>> | undefined;
  beforeAll(async () => {
    site = await openSite();
  });
  afterAll(() => site?.close());
  return {
    get origin() {
      return site!.origin;
    },
    get browser() {
      return site!.browser;
    },
  };
}

async function workerWith(cores: number): Promise<Record<string, string>> {
  const name = (await readdir(join(dist, 'assets'))).find((each) => /^main-.*\.js$/.test(each))!;
  const told = `Object.defineProperty(navigator, 'hardwareConcurrency', { value: ${cores} });\n`;
  return { [`/assets/${name}`]: told + (await readFile(join(dist, 'assets', name), 'utf8')) };
}

/** A page of a visitor without a past, who downloads what is offered. */
export async function newPage(site: Site): Promise<Page> {
  return (await newVisitor(site)).newPage();
}

export async function newVisitor({ browser }: Site): Promise<BrowserContext> {
  const context = await browser.newContext({ acceptDownloads: true });
  context.setDefaultTimeout(30_000);
  return context;
}

/** Opens the page and loads its own model. */
export async function loadModel(page: Page, origin: string, backend: BackendName = 'wasm'): Promise<void> {
  await page.goto(`${origin}/index.html`);
  await startLoading(page, backend);
  await page.getByRole('heading', { name: 'Train' }).waitFor();
}

/** Presses the button that loads what is chosen. */
export async function startLoading(page: Page, backend: BackendName = 'wasm'): Promise<void> {
  await page.getByLabel('Compute on').selectOption(backend);
  await page.getByRole('button', { name: 'Load the model' }).click();
}

/** Trains on a text to the end. */
export async function train(page: Page, { text, steps }: { text: string; steps: number }): Promise<void> {
  await fillIn(page, { text, steps });
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await page.getByText(`Trained: ${steps} steps.`).waitFor();
}

export async function fillIn(page: Page, { text, steps }: { text: string; steps: number }): Promise<void> {
  await page.getByLabel('Text to learn from').fill(text);
  await page.getByRole('spinbutton', { name: 'Steps' }).fill(String(steps));
}

/** What the page writes after a prompt. */
export async function write(page: Page, prompt: string, which: 'base' | 'adapted' = 'adapted'): Promise<string> {
  await page.getByLabel('Prompt', { exact: true }).fill(prompt);
  await page.getByRole('button', { name: 'Write' }).click();
  await page.getByText('With adapters').waitFor();
  return page.getByTestId(which).innerText();
}

/** The likeliest next tokens and their log-probabilities, as the page last showed them. */
export async function nextTokens(page: Page, which: 'base' | 'adapted' = 'adapted'): Promise<[string, number][]> {
  const rows = await page.getByTestId(`${which}-next`).locator('tbody tr').all();
  return Promise.all(
    rows.map(async (row) => [
      JSON.parse(await row.locator('th').innerText()) as string,
      Number(await row.locator('td').last().innerText()),
    ]),
  );
}

/** The last held-out loss on the page. */
export async function heldOutLoss(page: Page): Promise<number> {
  return Number((await page.getByTestId('held-out').innerText()).replace('held-out loss ', ''));
}

/** Drops files or folders of the disk on what has this label, as a visitor's mouse does. */
export async function drop(page: Page, label: string, paths: string[]): Promise<void> {
  const place = page.locator('label.drop', { hasText: label });
  await place.scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await place.boundingBox())!;
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, x: x + width / 4, y: y + height / 4, data });
  }
  await session.detach();
}

/** Bytes of what a button offers for download. */
export async function downloaded(page: Page, button: string): Promise<Uint8Array> {
  const waiting = page.waitForEvent('download');
  await page.getByRole('button', { name: button }).click();
  return new Uint8Array(await readFile(await (await waiting).path()));
}
