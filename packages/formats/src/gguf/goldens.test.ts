import { describe, expect, it } from '@lowrank/testing';
import { fileSource, openGguf, openSafetensors } from '@lowrank/formats';
import { golden } from '../../test/golden.js';

const open = async (name: string) => openGguf(await fileSource(golden(`gguf/${name}.gguf`)));

describe("a file of the gguf package's", () => {
  for (const type of ['F32', 'F16', 'BF16', 'Q4_0', 'Q4_1', 'Q5_0', 'Q5_1', 'Q8_0', 'Q4_K', 'Q5_K', 'Q6_K']) {
    it(`gives the values of ${type} bit for bit`, async () => {
      const file = await open('blocks');
      const expected = await openSafetensors(await fileSource(golden('gguf/blocks.safetensors')));
      expect(file.tensors.get(type)?.type).toBe(type);
      expect(await file.read(type)).toEqual(await expected.read(type));
      await file.close();
      await expected.close();
    });
  }

  it('gives its metadata in the types it has there', async () => {
    const file = await open('blocks');
    expect(Object.fromEntries(file.metadata)).toEqual({
      'general.architecture': 'test',
      'test.words': ['eins', 'zwölf', ''],
      'test.numbers': Int32Array.of(-1, 2, 3),
      'test.large': 2n ** 63n + 1n,
      'test.small': -3,
      'test.double': 0.1,
      'test.yes': true,
    });
    await file.close();
  });
});

it("llama.cpp's base has the shapes of Hugging Face's weights and, rotary rows aside, their values", async () => {
  const file = await open('base');
  const weights = await openSafetensors(await fileSource(golden('llama-untied/model.safetensors')));
  const pairs = { 'blk.1.ffn_down.weight': 'model.layers.1.mlp.down_proj.weight', 'output.weight': 'lm_head.weight' };
  for (const [theirs, ours] of Object.entries(pairs)) expect(await file.read(theirs)).toEqual(await weights.read(ours));
  expect(file.tensors.size).toBe(weights.tensors.size);
  expect(file.metadata.get('llama.attention.head_count_kv')).toBe(2);
  expect((await file.readStored('blk.0.attn_norm.weight')).bytes.length).toBe(4 * 32);
  await file.close();
  await weights.close();
});
