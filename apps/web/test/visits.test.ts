import { describe, expect, it } from '@lowrank/testing';
import type { Page } from 'playwright-core';
import { fillIn, loadModel, newPage, newVisitor, train, wanted, write, siteForAll } from './site.js';

const text = 'Under the old bridge the river sings of rain, and nobody answers. '.repeat(60);

const site = siteForAll();

describe.runIf(wanted)('a later visit', () => {
  it('goes on where the run was paused', async () => {
    const page = await newPage(site);
    const step = await pausedRun(page);
    await loadModel(page, site.origin);
    await page.getByText(`A run of yours stands at step ${step}`).waitFor();
    expect(await page.getByLabel('Text to learn from').inputValue()).toBe(text);
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByText(/Step \d+ of 400/).waitFor();
    expect(await stepOf(page)).toBeGreaterThan(step);
    await page.context().close();
  });

  it('finds the adapter of a run that was done', async () => {
    const page = await newPage(site);
    await loadModel(page, site.origin);
    await train(page, { text, steps: 10 });
    const before = await write(page, 'Under the old');
    await loadModel(page, site.origin);
    await page.getByText('Trained: 10 steps.').waitFor();
    expect(await write(page, 'Under the old')).toBe(before);
    await page.context().close();
  });

  it('is told of a checkpoint that is damaged, which is kept beside the run', async () => {
    const page = await newPage(site);
    await pausedRun(page);
    await page.evaluate(damage);
    await loadModel(page, site.origin);
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').innerText()).toContain('kept as damaged-checkpoint.safetensors');
    await page.getByText('A run of yours stands at step 0').waitFor();
    expect(await page.evaluate(namesInStore)).toEqual(['damaged-checkpoint.safetensors', 'run.json']);
    await page.context().close();
  });

  it('in a second tab leaves the first one’s run alone', async () => {
    const visitor = await newVisitor(site);
    const [first, second] = [await visitor.newPage(), await visitor.newPage()];
    for (const page of [first, second]) await loadModel(page, site.origin);
    await fillIn(first, { text, steps: 400 });
    await first.getByRole('button', { name: 'Train', exact: true }).click();
    await first.getByText(/Step \d+ of 400/).waitFor();
    await fillIn(second, { text, steps: 5 });
    await second.getByRole('button', { name: 'Train', exact: true }).click();
    await second.getByRole('alert').waitFor();
    expect(await second.getByRole('alert').innerText()).toContain('another tab');
    await visitor.close();
  });
});

/** A run that was begun and paused. @returns the step */
async function pausedRun(page: Page): Promise<number> {
  await loadModel(page, site.origin);
  await fillIn(page, { text, steps: 400 });
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await page.getByText(/Step \d+ of 400/).waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText(/Paused at step \d+/).waitFor();
  return stepOf(page);
}

async function stepOf(page: Page): Promise<number> {
  return Number(/\d+/.exec(await page.getByRole('status').innerText())![0]);
}

const store = `(await (await (await navigator.storage.getDirectory()).getDirectoryHandle('lowrank-runs')).getDirectoryHandle('tiny-base'))`;

const damage = `(async () => {
  const stream = await (await ${store}.getFileHandle('checkpoint.safetensors')).createWritable();
  await stream.write('damaged');
  await stream.close();
})()`;

const namesInStore = `(async () => (await Array.fromAsync(${store}.keys())).sort())()`;
