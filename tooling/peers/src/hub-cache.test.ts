import { fetchModel, readModules } from '@lowrank/models';
import { expect, hubServer, it, sha256, withFolder, type HubServer } from '@lowrank/testing';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { golden } from './goldens.js';
import { hasPackage, runPython } from './python.js';

interface Theirs {
  folder: string;
  sha256: string;
  parameters: number | null;
  warnings: string[];
}

/** Runs `body` with a hub that has a small model, and Python's environment pointed to it and to an empty cache. */
function withHub(body: (hub: HubServer, cacheDir: string, weights: Uint8Array) => Promise<void>): Promise<void> {
  return withFolder(async (cacheDir) => {
    const folder = golden('llama-untied');
    const names = (await readdir(folder)).filter((name) => /^(config|generation_config|model)\./.test(name));
    const files = Object.fromEntries(
      await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))])),
    );
    const hub = await hubServer({ 'org/tiny': { files } });
    Object.assign(process.env, { HF_ENDPOINT: hub.endpoint, HF_HUB_CACHE: cacheDir, HF_HUB_DISABLE_XET: '1' });
    try {
      await body(hub, cacheDir, files['model.safetensors'] as Uint8Array);
    } finally {
      for (const name of ['HF_ENDPOINT', 'HF_HUB_CACHE', 'HF_HUB_DISABLE_XET']) delete process.env[name];
      await hub.close();
    }
  });
}

it.runIf(hasPackage('huggingface_hub'))(
  'Python loads, with the network off, what we cached, and finds no fault in it',
  () =>
    withHub(async (hub, _, weights) => {
      const { path, files } = await fetchModel('org/tiny');
      hub.requests.length = 0;
      const theirs = (await runPython('hub_cache.py', 'load', 'org/tiny')) as Theirs;
      expect(theirs).toMatchObject({ folder: path, sha256: sha256(weights), warnings: [] });
      expect(theirs.parameters).toBeGreaterThan(10_000);
      expect(files.at(-1)?.hash).toBe(sha256(weights));
      expect(hub.requests).toEqual([]);
    }),
);

it.runIf(hasPackage('huggingface_hub'))('we load, with the network off, what Python cached', () =>
  withHub(async (hub, _, weights) => {
    const theirs = (await runPython('hub_cache.py', 'fetch', 'org/tiny')) as Theirs;
    hub.requests.length = 0;
    const ours = await fetchModel('org/tiny', { offline: true });
    expect(ours).toMatchObject({ path: theirs.folder });
    expect(ours.files.map(({ path, hash }) => [path, hash]).at(-1)).toEqual(['model.safetensors', sha256(weights)]);
    expect((await readModules(ours)).length).toBeGreaterThan(10);
    expect(hub.requests).toEqual([]);
  }),
);
