import { chromiumPath, runInBrowser } from '@lowrank/browser';
import { describe, expect, it, sha256 } from '@lowrank/testing';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { goldenFiles, withHub } from './hub.js';
import type { FetchedInPage } from './opfs-in-page.js';

const wanted = chromiumPath() !== undefined || Boolean(process.env['CI']);
if (!wanted) console.warn('the fetch into OPFS is not tested: no Chromium is installed, and CHROMIUM_PATH is not set');

const at = (file: string) => fileURLToPath(new URL(file, import.meta.url));
// esbuild does not see the client's own mapping from Node's build to the browser's.
const client = {
  '@huggingface/hub': createRequire(import.meta.url)
    .resolve('@huggingface/hub')
    .replace(/index\.js$/, 'browser/index.mjs'),
};
const built = {
  '@lowrank/models': at('../dist/index.js'),
  '@lowrank/formats': at('../../formats/dist/index.js'),
  '@lowrank/core/plan': at('../../core/dist/plan.js'),
  '@lowrank/core': at('../../core/dist/index.js'),
};

describe.runIf(wanted)('in Chromium', () => {
  it('a model comes into OPFS, is gone on with after a cut, read in ranges, and found without the network', async () => {
    const files = await goldenFiles('llama-untied');
    const weights = files['model.safetensors'] as Uint8Array;
    const bad = new TextEncoder().encode('bad');
    const repos = { 'org/m': { files }, 'org/bad': { files: { 'config.json': bad, 'model.safetensors': bad } } };
    await withHub(repos, async (hub) => {
      const steps = { cut: '/cut', mend: '/mend' };
      let cutting = false;
      hub.fault = ({ path, cdn, range }) => {
        if (path === steps.cut || path === steps.mend) cutting = path === steps.cut;
        if (path.includes('org/bad/resolve')) return { bytes: new TextEncoder().encode('not') };
        return cutting && cdn && !range ? { cutAfter: 30_000 } : cutting && cdn ? { status: 503 } : undefined;
      };
      const run = await runInBrowser<FetchedInPage>({
        entry: at('opfs-in-page.ts'),
        argument: { endpoint: hub.endpoint, steps },
        alias: { ...client, ...(process.env['TEST_BUILT'] ? built : {}) },
      });
      expect(run).toMatchObject({
        cut: expect.stringContaining('status 503'),
        total: weights.length,
        paths: ['config.json', 'generation_config.json', 'model.safetensors'],
        sha256: sha256(weights),
        offline: expect.stringMatching(/^[0-9a-f]{40}$/),
        damaged: expect.stringContaining('org/bad/config.json: its checksum is'),
      });
      expect(run.first).toBeGreaterThan(0);
      expect(run.modules).toBeGreaterThan(10);
      const ranges = hub.requests.filter(({ cdn, method }) => cdn && method === 'GET').map(({ range }) => range);
      expect(ranges).toContain(`bytes=${run.first}-${weights.length - 1}`);
    });
  }, 60_000);
});
