import { useBackend } from '@lowrank/core';
import { wasm } from '@lowrank/backend-wasm';
import { bytesSource, readGgufAdapter, readPeft } from '@lowrank/formats';
import { LoraManager } from '@lowrank/manager';
import { loadModel as loadInNode, loadTokenizer } from '@lowrank/models';
import { describe, expect, it, withFolder } from '@lowrank/testing';
import { strFromU8, unzipSync } from 'fflate';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll } from 'vitest';
import { nextTokens as likeliest } from '../src/worker/next-tokens.js';
import { cli, generated } from './cli.js';
import {
  downloaded,
  drop,
  loadModel,
  newPage,
  nextTokens,
  tinyBase,
  train,
  wanted,
  write,
  siteForAll,
} from './site.js';

const verse = 'Under the old bridge the river sings of rain, and nobody answers. ';
const prompt = 'Under the old';

const site = siteForAll();
let page: Page;

describe.runIf(wanted)('adapters of the web demo', () => {
  beforeAll(async () => {
    page = await newPage(site);
    await loadModel(page, site.origin);
    await train(page, { text: verse.repeat(60), steps: 20 });
  }, 120_000);

  it('are downloaded as PEFT folders, with which the command line writes the same, from the same logits', () =>
    withFolder(async (folder) => {
      const files = unzipSync(await downloaded(page, 'Download yours (PEFT)'));
      expect(Object.keys(files).toSorted()).toEqual(['adapter_config.json', 'adapter_model.safetensors']);
      expect(JSON.parse(strFromU8(files['adapter_config.json']!))).toMatchObject({ r: 8, peft_type: 'LORA' });
      for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
      const text = await write(page, prompt);
      expect(await generated(folder, prompt)).toContain(text.trim());
      const shown = await nextTokens(page);
      const expected = await inNode(folder);
      expect(shown.map(([token]) => token)).toEqual(expected.map(({ text: token }) => token));
      shown.forEach(([, logProbability], index) =>
        expect(logProbability).toBeCloseTo(expected[index]!.logProbability, 3),
      );
    }));

  it('are downloaded as GGUF files of the same factors', async () => {
    const [peft, gguf] = [
      unzipSync(await downloaded(page, 'Download yours (PEFT)')),
      unzipSync(await downloaded(page, 'Download yours (GGUF)')),
    ];
    const { num_attention_heads: heads, num_key_value_heads: keyValueHeads } = JSON.parse(
      await readFile(join(tinyBase, 'config.json'), 'utf8'),
    );
    const [one, other] = [
      await readPeft(new Map(Object.entries(peft))),
      await readGgufAdapter(bytesSource('yours.gguf', gguf['yours.gguf']!), { heads, keyValueHeads }),
    ];
    expect([...other.tensors.keys()].toSorted()).toEqual([...one.tensors.keys()].toSorted());
    for (const [name, { data }] of one.tensors) expect(other.tensors.get(name)!.data).toEqual(data);
    expect(other.config.alpha).toBe(one.config.alpha);
  });

  it('merge and unmerge with the same text, and tell how fast each is', async () => {
    const apart = await write(page, prompt);
    await page.getByRole('button', { name: 'Merge', exact: true }).click();
    const speeds = page.getByTestId('speeds');
    await speeds.waitFor();
    expect(await speeds.innerText()).toMatch(/^[1-9]\d* tokens\/s apart, [1-9]\d* tokens\/s merged$/);
    expect(await write(page, prompt)).toBe(apart);
    expect(await write(page, prompt, 'base')).not.toBe(apart);
    await page.getByRole('button', { name: 'Unmerge' }).click();
    await speeds.waitFor({ state: 'detached' });
    expect(await write(page, prompt)).toBe(apart);
  });

  it('of the command line are dropped in, loose or as a zip, and give the same text', () =>
    withFolder(async (folder) => {
      const [data, out] = [join(folder, 'text.txt'), join(folder, 'out')];
      await mkdir(out);
      await writeFile(data, 'The clerk counts the coins twice and writes the sum in red. '.repeat(60));
      const size = ['--rank', '4', '--targets', 'q_proj,k_proj', '--steps', '12', '--learning-rate', '0.01'];
      await cli(['train', '--model', tinyBase, '--data', data, '--out', out, '--overwrite', '--json', ...size]);
      const expected = await generated(out, 'The clerk');
      await page.getByLabel('yours, weight').fill('0');
      const names = ['adapter_config.json', 'adapter_model.safetensors'];
      await page.getByLabel('Add a PEFT adapter').setInputFiles(names.map((name) => join(out, name)));
      await page.getByLabel('added-1, weight').waitFor();
      expect(expected).toContain((await write(page, 'The clerk')).trim());
      const zip = await downloaded(page, 'Download added-1 (PEFT)');
      await page.getByLabel('added-1, weight').fill('0');
      await page
        .getByLabel('Add a PEFT adapter')
        .setInputFiles([{ name: 'again.zip', mimeType: 'application/zip', buffer: Buffer.from(zip) }]);
      await page.getByLabel('added-2, weight').waitFor();
      expect(expected).toContain((await write(page, 'The clerk')).trim());
    }));

  it('are dropped in as a folder', () =>
    withFolder(async (folder) => {
      const files = unzipSync(await downloaded(page, 'Download added-1 (PEFT)'));
      for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
      await page.getByLabel('added-2, weight').fill('0');
      await drop(page, 'Add a PEFT adapter', [folder]);
      await page.getByLabel('added-3, weight').waitFor();
      expect(await generated(folder, 'The clerk')).toContain((await write(page, 'The clerk')).trim());
    }));

  it('that are malformed are refused by name, and harm nothing', async () => {
    const before = await write(page, prompt);
    for (const [name, bytes] of [
      ['adapter_config.json', '{"r": '],
      ['broken.zip', 'no zip'],
    ] as const) {
      await page
        .getByLabel('Add a PEFT adapter')
        .setInputFiles([{ name, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) }]);
      await page.getByRole('alert').waitFor();
      expect(await page.getByRole('alert').innerText()).toContain(name);
      expect(await write(page, prompt)).toBe(before);
    }
  });
});

/** What the library in Node finds likeliest after the prompt. */
async function inNode(folder: string) {
  await useBackend(wasm());
  const [model, tokenizer] = [await loadInNode(tinyBase), await loadTokenizer(tinyBase)];
  using manager = new LoraManager(model);
  try {
    manager.add('downloaded', await readPeft(folder));
    return await likeliest(model, tokenizer, prompt);
  } finally {
    manager.dispose();
    model.dispose();
  }
}
