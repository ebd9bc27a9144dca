import { loadModel, type ModelFolder } from '@lowrank/models';
import { LowrankError } from '@lowrank/core';
import { bytesSource } from '@lowrank/formats';
import { describe, errorOf, expect, it } from '@lowrank/testing';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { goldenFolder } from '../../test/golden.js';

const golden = (file: string) => readFile(join(goldenFolder('llama-untied'), file));
const json = async (value: unknown) => Buffer.from(JSON.stringify(value));

/** A folder of these files that counts what is open; a file gives `reads` parts and then fails. */
function counting(files: Record<string, Promise<Buffer>>, reads = Infinity) {
  const count = { open: 0, opened: 0 };
  const open: ModelFolder['open'] = async (file) => {
    const bytes = await files[file];
    if (!bytes) return undefined;
    const source = bytesSource(file, bytes);
    let left = reads;
    const read = async (offset: number, length: number) => {
      if (left-- > 0) return source.read(offset, length);
      throw new LowrankError('file-invalid', { given: file, rule: 'the disk is gone', fix: 'find it' });
    };
    count.open++;
    count.opened++;
    return { ...source, read, close: async () => void count.open-- };
  };
  return { count, folder: { name: 'counted', open } };
}

describe('a model closes every file that it opened,', () => {
  it('loaded', async () => {
    const { count, folder } = counting({
      'config.json': golden('config.json'),
      'model.safetensors': golden('model.safetensors'),
    });
    (await loadModel(folder)).dispose();
    expect(count).toEqual({ open: 0, opened: 2 });
  });

  it('though reading fails among its tensors', async () => {
    const files = { 'config.json': golden('config.json'), 'model.safetensors': golden('model.safetensors') };
    const { count, folder } = counting(files, 9);
    expect(await errorOf(() => loadModel(folder))).toMatchObject({ rule: 'the disk is gone' });
    expect(count).toEqual({ open: 0, opened: 2 });
  });

  it('though its weights are refused', async () => {
    const config = json({ ...JSON.parse((await golden('config.json')).toString()), vocab_size: 97 });
    const { count, folder } = counting({ 'config.json': config, 'model.safetensors': golden('model.safetensors') });
    expect(await errorOf(() => loadModel(folder))).toMatchObject({ rule: 'config.json makes it [97, 32]' });
    expect(count).toEqual({ open: 0, opened: 2 });
  });

  it('though a second shard is missing', async () => {
    const { count, folder } = counting({
      'config.json': golden('config.json'),
      'model.safetensors.index.json': json({ weight_map: { a: 'a.safetensors', b: 'b.safetensors' } }),
      'a.safetensors': golden('model.safetensors'),
    });
    expect(await errorOf(() => loadModel(folder))).toMatchObject({ rule: expect.stringContaining('b.safetensors') });
    expect(count).toEqual({ open: 0, opened: 3 });
  });
});
