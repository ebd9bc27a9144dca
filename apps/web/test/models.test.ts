import { describe, expect, it } from '@lowrank/testing';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll } from 'vitest';
import { drop, loadModel, newPage, startLoading, tinyBase, wanted, write, siteForAll } from './site.js';

const names = ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'];
const prompt = 'The people of the';

const site = siteForAll();
let expected: string;

describe.runIf(wanted)('models of the visitor’s own', () => {
  beforeAll(async () => {
    const page = await newPage(site);
    await loadModel(page, site.origin);
    expected = await write(page, prompt, 'base');
    await page.context().close();
  }, 60_000);

  it('are read from the disk', async () => {
    const page = await newPage(site);
    await page.goto(`${site.origin}/index.html`);
    await page.getByLabel('a model on your disk').check();
    await page.getByLabel('Drop its folder').setInputFiles(names.map((name) => join(tinyBase, name)));
    await startLoading(page);
    await page.getByText('3.5 million parameters').waitFor();
    expect(await write(page, prompt, 'base')).toBe(expected);
    await page.getByRole('button', { name: 'Choose another model' }).click();
    await page.getByRole('heading', { name: 'Train' }).waitFor({ state: 'detached' });
    await page.context().close();
  });

  it('are dropped as a folder', async () => {
    const page = await newPage(site);
    await page.goto(`${site.origin}/index.html`);
    await page.getByLabel('a model on your disk').check();
    await drop(page, 'Drop its folder', [tinyBase.replace(/\/$/, '')]);
    await startLoading(page);
    await page.getByText('model, 3.5 million parameters').waitFor();
    expect(await write(page, prompt, 'base')).toBe(expected);
    await page.context().close();
  });

  it('are fetched from the hub, and read from the cache at the next visit', async () => {
    const page = await newPage(site);
    const asked = await hubOf(page, 'someone/tiny');
    for (const visit of ['first', 'second']) {
      await page.goto(`${site.origin}/index.html`);
      await page.getByLabel('a model of the Hugging Face hub').check();
      await page.getByLabel('owner/name').fill('someone/tiny');
      await startLoading(page);
      await page.getByText('someone/tiny, 3.5 million parameters').waitFor();
      expect(await write(page, prompt, 'base')).toBe(expected);
      expect(asked.filter((path) => path.includes('model.safetensors')).length, visit).toBe(1);
    }
    await page.context().close();
  });

  it('that are not there, or not whole, are errors that name them, after which another one loads', async () => {
    const page = await newPage(site);
    await hubOf(page, 'someone/tiny');
    await page.goto(`${site.origin}/index.html`);
    await page.getByLabel('a model of the Hugging Face hub').check();
    await page.getByLabel('owner/name').fill('someone/none');
    await startLoading(page);
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').innerText()).toContain('someone/none');
    await page.getByLabel('a model on your disk').check();
    await page.getByLabel('Drop its folder').setInputFiles([join(tinyBase, 'config.json')]);
    await startLoading(page);
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').innerText()).toContain('tokenizer.json');
    await page.getByLabel('tiny-base').check();
    await startLoading(page);
    await page.getByRole('heading', { name: 'Train' }).waitFor();
    await page.context().close();
  });
});

/** Answers for the hub, as it does, with one model. @returns paths that were asked for, as they are */
async function hubOf(page: Page, id: string): Promise<string[]> {
  const commit = 'c'.repeat(40);
  const asked: string[] = [];
  const headers = { 'access-control-allow-origin': '*', 'access-control-expose-headers': '*' };
  const files = new Map(
    await Promise.all(
      (await readdir(tinyBase))
        .filter((name) => names.includes(name))
        .map(async (name) => [name, await readFile(join(tinyBase, name))] as const),
    ),
  );
  const oid = (bytes: Buffer) => createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
  await page.context().route('https://huggingface.co/**', async (route) => {
    const { pathname } = new URL(route.request().url());
    asked.push(pathname);
    const json = (body: unknown) =>
      route.fulfill({ headers, contentType: 'application/json', body: JSON.stringify(body) });
    if (pathname.startsWith(`/api/models/${id}/revision/`) || pathname === `/api/models/${id}`) {
      return json({ id, sha: commit, private: false, gated: false });
    }
    if (pathname.startsWith(`/api/models/${id}/tree/`)) {
      return json(Array.from(files, ([path, bytes]) => ({ type: 'file', path, size: bytes.length, oid: oid(bytes) })));
    }
    const file = pathname.startsWith(`/${id}/resolve/`) ? files.get(pathname.split('/').at(-1)!) : undefined;
    if (!file) return route.fulfill({ status: 404, headers, body: 'not found' });
    return route.fulfill({ headers: { ...headers, etag: `"${oid(file)}"`, 'x-repo-commit': commit }, body: file });
  });
  return asked;
}
