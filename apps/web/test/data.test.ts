import { describe, expect, it } from '@lowrank/testing';
import type { Page } from 'playwright-core';
import { beforeAll } from 'vitest';
import { loadModel, newPage, wanted, write, siteForAll } from './site.js';

const pair = { prompt: 'What does the river sing of?', completion: ' Rain, and nobody answers.' };

const site = siteForAll();
let page: Page;

describe.runIf(wanted)('what the web demo learns from', () => {
  beforeAll(async () => {
    page = await newPage(site);
    await loadModel(page, site.origin);
    await page.getByRole('spinbutton', { name: 'Steps' }).fill('60');
  }, 60_000);

  it('may be a table that is dropped', async () => {
    const rows = Array.from({ length: 40 }, () => `"${pair.prompt}";"${pair.completion}"`);
    await page
      .getByLabel('or drop a file')
      .setInputFiles([
        { name: 'pairs.csv', mimeType: 'text/csv', buffer: Buffer.from(`prompt;completion\n${rows.join('\n')}\n`) },
      ]);
    await trained();
    expect(await write(page, pair.prompt)).toContain('Rain, and nobody answers.');
  });

  it('may be JSON Lines that are pasted', async () => {
    await page.getByLabel('Text to learn from').fill(Array.from({ length: 40 }, () => JSON.stringify(pair)).join('\n'));
    expect(await page.getByLabel('Read as').inputValue()).toBe('jsonl');
    await trained();
    expect(await write(page, pair.prompt)).toContain('Rain, and nobody answers.');
  });

  it('is refused by its line where it is not right, and by its name where it is no text', async () => {
    await page.getByLabel('Text to learn from').fill('{"text": "a"}\n{"text": 1}');
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').innerText()).toContain('your-text.jsonl:2');
    const image = { name: 'image.txt', mimeType: 'text/plain', buffer: Buffer.of(0xff, 0xd8, 0xff) };
    await page.getByLabel('or drop a file').setInputFiles([image]);
    await page.getByText('image.txt is not UTF-8').waitFor();
  });
});

async function trained(): Promise<void> {
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await page.getByText('Trained: 60 steps.').waitFor({ state: 'detached' });
  await page.getByText('Trained: 60 steps.').waitFor();
}
