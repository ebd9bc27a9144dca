import { describe, expect, it } from '@lowrank/testing';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { figuresOf, table } from './figures.js';
import { takePictures } from './pictures.js';
import { wanted, siteForAll } from './site.js';

/** Where figures and pictures for the docs go, when they are wanted. */
const folder = process.env['WEB_SHOW'];

const site = siteForAll();

describe.runIf(wanted)('the web demo at first sight', () => {
  it('is there soon, on a processor of a quarter of the speed, in under 400 kB of JavaScript', async () => {
    const figures = await figuresOf(site);
    expect(figures.scripts).toBeLessThan(400_000);
    // Lighthouse calls 3.8 s to interactive and 200 ms of blocking good; machines that test are slow and shared.
    expect(figures.interactive).toBeLessThan(3800);
    expect(figures.blocked).toBeLessThan(600);
    if (!folder) return;
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'figures.md'), table(figures));
  });

  it.runIf(Boolean(folder))(
    'is pictured on a desktop, in the dark and on a phone',
    () => takePictures(site, folder!),
    300_000,
  );
});
