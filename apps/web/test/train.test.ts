import { describe, expect, it } from '@lowrank/testing';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { fillIn, heldOutLoss, loadModel, newPage, openSite, wanted, type Site } from './site.js';

const verse = 'Under the old bridge the river sings of rain, and nobody answers. ';

let site: Site;

describe.runIf(wanted)('the web demo learns', () => {
  beforeAll(async () => {
    site = await openSite();
  });
  afterAll(() => site?.close());

  for (const backend of ['wasm', 'webgpu'] as const) {
    it(`on ${backend}, shows how it goes, and never blocks the page`, async () => {
      const page = await newPage(site);
      await watchTasks(page);
      await loadModel(page, site.origin, backend);
      await page.getByText(`on ${backend}`).waitFor();
      await fillIn(page, { text: verse.repeat(60), steps: 20 });
      await page.evaluate('globalThis.blocked.length = 0');
      await page.getByRole('button', { name: 'Train', exact: true }).click();
      await page.getByTestId('held-out').waitFor();
      const before = await heldOutLoss(page);
      await page.getByText('Trained: 20 steps.').waitFor({ timeout: 240_000 });
      expect(await heldOutLoss(page)).toBeLessThan(before * 0.5);
      // As it trains: the curves with both axes named, every layer's cell, what it writes beside what the base does.
      const chart = page.getByRole('img', { name: 'Loss over 20 steps' });
      await chart.locator('svg').waitFor();
      expect(await chart.innerText()).toMatch(/loss, nats a token[^]*step/);
      expect(await page.getByRole('region', { name: 'Norm and effective rank' }).innerText()).toMatch(
        /q_proj\s+v_proj[^]*rank \d/,
      );
      await page.getByText('Yours at step 20').waitFor();
      expect(await page.getByTestId('adapted').innerText()).not.toBe(await page.getByTestId('base').innerText());
      const blocked = (await page.evaluate('globalThis.blocked')) as number[];
      expect(Math.max(0, ...blocked)).toBeLessThan(50);
      await page.context().close();
    }, 300_000);
  }

  it('tells what a choice costs, and how long it takes, before it trains', async () => {
    const page = await newPage(site);
    await loadModel(page, site.origin);
    const fact = async (name: string) => page.locator('dl div', { hasText: name }).locator('dd').innerText();
    await page.getByText('Trained parameters').waitFor();
    const [parameters, memory] = [await fact('Trained parameters'), await fact('Memory')];
    expect(await fact('Time on this device')).toMatch(/^[\d.]+ m?s a step, [\d.]+ (s|min) in all$/);
    await page.getByLabel('o_proj').check();
    await page.waitForFunction(`!document.body.innerText.includes(${JSON.stringify(parameters)})`);
    const of = (text: string) => Number(text.replaceAll(',', '').split(' ')[0]);
    expect(of(await fact('Trained parameters'))).toBeGreaterThan(of(parameters));
    expect(of(await fact('Memory'))).toBeGreaterThanOrEqual(of(memory));
    await page.context().close();
  });
});

async function watchTasks(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const blocked: number[] = [];
    Object.assign(globalThis, { blocked });
    new PerformanceObserver((list) => blocked.push(...list.getEntries().map(({ duration }) => duration))).observe({
      entryTypes: ['longtask'],
    });
  });
}
