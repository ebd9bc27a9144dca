import { describe, expect, it } from '@lowrank/testing';
import { loadModel, newPage, openSite, startLoading, wanted } from './site.js';

describe.runIf(wanted)('wasm in the web demo', () => {
  it('is taken, and that is said, where there is no card for WebGPU', async () => {
    const site = await openSite();
    try {
      const page = await newPage(site);
      await page.addInitScript('GPU.prototype.requestAdapter = async () => null');
      await page.goto(`${site.origin}/index.html`);
      await page.getByText('no WebGPU, or no card for it').waitFor();
      expect(await page.getByLabel('Compute on').inputValue()).toBe('wasm');
      expect(await page.getByLabel('Compute on').innerText()).not.toContain('WebGPU');
    } finally {
      await site.close();
    }
  });

  it('has threads on a host that sends no isolation headers, by a service worker', async () => {
    const site = await openSite({ isolated: false, cores: 6 });
    try {
      const page = await newPage(site);
      await page.goto(`${site.origin}/index.html`);
      await page.waitForFunction('globalThis.crossOriginIsolated');
      await startLoading(page);
      // Half of the cores that the browser names.
      await page.getByText('on wasm, 3 threads.').waitFor();
    } finally {
      await site.close();
    }
  });

  it('has one thread, and says why, where a service worker may not run', async () => {
    const site = await openSite({ isolated: false, cores: 6 });
    try {
      const context = await site.browser.newContext({ serviceWorkers: 'block' });
      const page = await context.newPage();
      await loadModel(page, site.origin);
      await page.getByText('This page is not cross-origin isolated').waitFor();
      expect(await page.getByText('on wasm, 1 thread.').innerText()).toMatch(/isolat/);
    } finally {
      await site.close();
    }
  });
});
