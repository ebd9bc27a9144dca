import { encodeSafetensors, fileSource, openSafetensors, readPeft } from '@lowrank/formats';
import { describe, errorOf, expect, it, withFolder } from '@lowrank/testing';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { golden } from '../../test/golden.js';

const theirs = golden('peft-kinds/bert-classifier/bias-all-whole');
const norm = 'bert.encoder.layer.0.attention.output.LayerNorm';

async function stored() {
  const file = await openSafetensors(await fileSource(join(theirs, 'adapter_model.safetensors')));
  const all = await file.readAll();
  await file.close();
  return all;
}

describe('a module saved along with all biases', () => {
  it('has its own bias once, not that of the base', async () => {
    const { tensors } = await readPeft(theirs);
    const file = await stored();
    const own = file.get(`base_model.model.${norm}.modules_to_save.bias`)!;
    expect(own.data).not.toEqual(file.get(`base_model.model.${norm}.original_module.bias`)!.data);
    expect(tensors.get(`${norm}.bias`)).toEqual(own);
    expect([...tensors.keys()].filter((name) => name.startsWith(norm)).toSorted()).toEqual([
      `${norm}.bias`,
      `${norm}.weight`,
    ]);
  });

  it('is refused where its two copies differ', () =>
    withFolder(async (folder) => {
      const file = await stored();
      file.get(`base_model.model.${norm}.modules_to_save.bias`)!.data[0] = 9;
      await writeFile(join(folder, 'adapter_model.safetensors'), encodeSafetensors(file));
      await writeFile(join(folder, 'adapter_config.json'), await readFile(join(theirs, 'adapter_config.json')));
      const error = await errorOf(() => readPeft(folder));
      expect(error).toMatchObject({ code: 'adapter-mismatch', given: expect.stringContaining(`${norm}.bias`) });
    }));
});
