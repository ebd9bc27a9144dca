import { describe, expect, it } from '@lowrank/testing';
import type { Page } from 'playwright-core';
import { fillIn, heldOutLoss, loadModel, newPage, wanted, siteForAll } from './site.js';

const verse = 'Under the old bridge the river sings of rain, and nobody answers. ';

const site = siteForAll();

describe.runIf(wanted)('the web demo learns', () => {
  it('on WebGPU', async () => {
    const page = await newPage(site);
    await loadModel(page, site.origin, 'webgpu');
    await page.getByText('on webgpu').waitFor();
    await fillIn(page, { text: verse.repeat(16), steps: 8 });
    // A driver in software takes a second for each token.
    await page.getByLabel('A prompt to go on with along the way').fill('');
    const { before, after } = await losses(page, 8);
    expect(after).toBeLessThan(before * 0.9);
    await page.context().close();
  }, 180_000);

  it('on wasm, shows how it goes, and never blocks the page', async () => {
    const page = await newPage(site);
    await watchTasks(page);
    await loadModel(page, site.origin);
    await page.getByText('on wasm').waitFor();
    await fillIn(page, { text: verse.repeat(60), steps: 30 });
    await page.evaluate('globalThis.blocked.length = 0');
    const { before, after } = await losses(page, 30);
    expect(after).toBeLessThan(before * 0.5);
    // As it trains: the curves with both axes named, every layer's cell, what it writes beside what the base does.
    const chart = page.getByRole('img', { name: 'Loss over 30 steps' });
    await chart.locator('svg').waitFor();
    expect(await chart.innerText()).toMatch(/loss, nats a token[^]*step/);
    expect(await page.getByRole('region', { name: 'Norm and effective rank' }).innerText()).toMatch(
      /q_proj\s+v_proj[^]*rank \d/,
    );
    await page.getByText('Yours at step 30').waitFor();
    expect(await page.getByTestId('adapted').innerText()).not.toBe(await page.getByTestId('base').innerText());
    // What else a machine does may hold a task up; what the page itself does would in each run.
    let most = await longestTask(page);
    for (let again = 0; most >= 50 && again < 2; again++) {
      await page.evaluate('globalThis.blocked.length = 0');
      await losses(page, 30);
      most = Math.min(most, await longestTask(page));
    }
    expect(most).toBeLessThan(50);
    await page.context().close();
  });

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
    await fillIn(page, { text: verse.repeat(60), steps: 20 });
    const predicted = millisecondsIn(await fact('Time on this device'));
    await losses(page, 20);
    const [, speed] = /([\d]+) tokens\/s/.exec(await page.getByRole('region', { name: 'Learning' }).innerText())!;
    // Rows of 64 tokens, four at a time. The page draws meanwhile, and other things run on the machine.
    const measured = (4 * 64 * 1000) / Number(speed);
    expect(predicted / measured).toBeGreaterThan(0.4);
    expect(predicted / measured).toBeLessThan(2.5);
    await page.context().close();
  });
});

/** Trains, and gives the first and the last held-out loss. */
async function losses(page: Page, steps: number): Promise<{ before: number; after: number }> {
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await page.getByTestId('held-out').filter({ hasText: /\d/ }).waitFor();
  const before = await heldOutLoss(page);
  await page.getByText(`Trained: ${steps} steps.`).waitFor({ timeout: 170_000 });
  return { before, after: await heldOutLoss(page) };
}

function millisecondsIn(text: string): number {
  const [, value, unit] = /^([\d.]+) (m?s) a step/.exec(text)!;
  return Number(value) * (unit === 's' ? 1000 : 1);
}

/** Milliseconds of the longest task over 50 ms, or 0. */
async function longestTask(page: Page): Promise<number> {
  return Math.max(0, ...((await page.evaluate('globalThis.blocked')) as number[]));
}

async function watchTasks(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const blocked: number[] = [];
    Object.assign(globalThis, { blocked });
    new PerformanceObserver((list) => blocked.push(...list.getEntries().map(({ duration }) => duration))).observe({
      entryTypes: ['longtask'],
    });
  });
}
