import { ggufFolder, loadEncoder, loadModel, loadTokenizer, readModules } from '@lowrank/models';
import { describe, errorOf, expect, it, withFolder } from '@lowrank/testing';
import type { LowrankError } from '@lowrank/core';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { goldenGguf, withChanged, type GgufParts } from '../../test/gguf.js';
import { goldenFolder } from '../../test/golden.js';

/** Loads a golden after a change, both whole and by its header; gives the error that both throw. */
async function errorAfter(change: (parts: GgufParts) => void): Promise<LowrankError & { path: string }> {
  let error: LowrankError | undefined;
  let path = '';
  await withChanged('quantised', change, async (file) => {
    path = file;
    error = await errorOf(() => loadModel(file, { quantise: 'stored' }));
    expect((await errorOf(() => readModules(file))).message).toBe(error.message);
  });
  return Object.assign(error as LowrankError, { path });
}

const set = (key: string, value: string | number | boolean) => (parts: GgufParts) =>
  void parts.metadata.set(key, value);
const vector = (length: number) => ({ type: 'F32' as const, shape: [length], bytes: new Uint8Array(4 * length) });

describe('a GGUF base is refused whole, by name:', () => {
  it('a tensor that is missing, with the nearest there is', async () => {
    const error = await errorAfter(({ tensors }) => {
      tensors.set('blk.1.ffn_downs.weight', tensors.get('blk.1.ffn_down.weight')!);
      tensors.delete('blk.1.ffn_down.weight');
    });
    expect(error).toMatchObject({ code: 'file-invalid', given: `${error.path}: no tensor "blk.1.ffn_down.weight"` });
    expect(error.fix).toContain('blk.1.ffn_downs.weight');
  });

  it('a BERT, before its tokenizer, with where to take it from', async () => {
    const error = await errorAfter(set('general.architecture', 'bert'));
    expect(error).toMatchObject({
      code: 'model-unsupported',
      rule: expect.stringContaining('a BERT is loaded from its Hugging Face folder alone'),
    });
  });

  it('a tensor that nothing uses', async () => {
    const error = await errorAfter(({ tensors }) => tensors.set('blk.0.attn_gate.weight', vector(32)));
    expect(error).toMatchObject({ code: 'file-invalid', given: `${error.path}: tensor "blk.0.attn_gate.weight"` });
  });

  it('a tensor of another shape than the metadata make it', async () => {
    const error = await errorAfter(set('llama.feed_forward_length', 128));
    expect(error).toMatchObject({
      given: `${error.path}: "blk.0.ffn_gate.weight" is [96, 64]`,
      rule: 'the metadata makes it [128, 64]',
    });
  });

  it('whole numbers in the place of weights', async () => {
    const error = await errorAfter(({ tensors }) => tensors.set('output_norm.weight', { ...vector(64), type: 'I32' }));
    expect(error.given).toBe(`${error.path}: "output_norm.weight" is I32`);
  });

  it('a scale that is no number', async () => {
    await withChanged(
      'quantised',
      ({ tensors }) => tensors.get('blk.1.attn_k.weight')!.bytes.set([0, 0x7c], 36),
      async (path) => {
        const error = await errorOf(() => loadModel(path, { quantise: 'stored' }));
        // Row 1 of the file is row 8 of its head once the halves lie apart again.
        expect(error).toMatchObject({
          code: 'not-finite',
          given: '"model.layers.1.self_attn.k_proj.weight": a scale of Infinity in row 8 of a weight',
        });
      },
    );
  });

  const unsupported: [what: string, change: (parts: GgufParts) => void, given: string][] = [
    ['an architecture that is not built', set('general.architecture', 'mamba'), '"general.architecture": "mamba"'],
    ['experts', set('llama.expert_count', 8), '"llama.expert_count": 8'],
    ['positions that turn a part of a head', set('llama.rope.dimension_count', 8), '"llama.rope.dimension_count": 8'],
    ['values of another width than keys', set('llama.attention.value_length', 8), '"llama.attention.value_length": 8'],
    ['a setting that is not known', set('llama.logit_scale', 0.5), '"llama.logit_scale": 0.5'],
    [
      'positions scaled in a way that is not built',
      set('llama.rope.scaling.type', 'longrope'),
      '"llama.rope.scaling.type": "longrope"',
    ],
    [
      'factors of frequencies that are no scaling of llama3',
      ({ tensors }) => tensors.set('rope_freqs.weight', vector(8)),
      'tensor "rope_freqs.weight"',
    ],
  ];
  for (const [what, change, given] of unsupported) {
    it(what, async () => {
      const error = await errorAfter(change);
      expect(error.code).toBe('model-unsupported');
      expect(error.given).toContain(given);
      expect(error.given).toContain(error.path);
    });
  }

  const invalid: [what: string, change: (parts: GgufParts) => void, given: string][] = [
    ['no architecture', ({ metadata }) => metadata.delete('general.architecture'), '"general.architecture": not there'],
    ['an adapter', set('general.type', 'adapter'), '"general.type": "adapter"'],
    ['no layers', ({ metadata }) => metadata.delete('llama.block_count'), '"llama.block_count": not there'],
    [
      'no epsilon',
      ({ metadata }) => metadata.delete('llama.attention.layer_norm_rms_epsilon'),
      'layer_norm_rms_epsilon',
    ],
    ['a text for a number', set('llama.attention.head_count', 'four'), '"llama.attention.head_count": "four"'],
    ['heads that do not share evenly', set('llama.attention.head_count', 3), '3 heads on 2 key/value heads'],
  ];
  for (const [what, change, given] of invalid) {
    it(what, async () => {
      const error = await errorAfter(change);
      expect(error.code).toBe('file-invalid');
      expect(error.given).toContain(given);
      expect(error.given).toContain(error.path);
    });
  }

  it('a file that is not there, in a folder or by its path, or is none', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'model.gguf');
      expect(await errorOf(() => loadModel(path))).toMatchObject({ code: 'file-missing' });
      const within = ggufFolder('model.gguf', { name: 'hub', open: async () => undefined });
      expect(await errorOf(() => loadModel(within))).toMatchObject({
        code: 'file-missing',
        given: '"model.gguf" in "hub"',
      });
      await writeFile(path, 'version https://git-lfs');
      expect(await errorOf(() => loadModel(path))).toMatchObject({
        code: 'file-invalid',
        rule: 'it does not start with "GGUF"',
      });
      const adapter = join(goldenFolder('gguf'), 'adapter.gguf');
      for (const load of [loadModel, loadTokenizer]) {
        expect(await errorOf(() => load(adapter))).toMatchObject({
          code: 'file-invalid',
          given: `${adapter}: "general.type": "adapter"`,
        });
      }
      expect(await errorOf(() => loadEncoder(goldenGguf('base')))).toMatchObject({
        code: 'model-unsupported',
        fix: expect.stringContaining('loadModel'),
      });
    }));
});
