import { describe, errorOf, expect, it, withFolder } from '@lowrank/testing';
import { fileSource, openSafetensors, shardedSafetensors, writeFolder, type LazyTensor } from '@lowrank/formats';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { golden } from '../../test/golden.js';

const pt = { metadata: { format: 'pt' } };

/** The tensors of a golden model, each read from its file when asked for; closed by the caller. */
async function lazily(name: string) {
  const file = await openSafetensors(await fileSource(golden(`${name}/model.safetensors`)));
  const tensors = new Map<string, LazyTensor>();
  for (const [tensor, { shape }] of file.tensors) tensors.set(tensor, { shape, read: () => file.read(tensor) });
  return { tensors, close: () => file.close() };
}

const zeros = (...shape: number[]): LazyTensor => {
  const data = new Float32Array(shape.reduce((product, side) => product * side, 1));
  return { shape, read: async () => ({ shape, data }) };
};

describe('shardedSafetensors', () => {
  it('splits a model as transformers does: the index byte for byte, and each shard', () =>
    withFolder(async (folder) => {
      const { tensors, close } = await lazily('llama-tied');
      await writeFolder(folder, shardedSafetensors(tensors, { ...pt, maxShardSize: 20_000 }));
      await close();
      const { sha256 } = JSON.parse(await readFile(golden('sharded/expected.json'), 'utf8'));
      const index = 'model.safetensors.index.json';
      expect(await readFile(join(folder, index))).toEqual(await readFile(golden(`sharded/${index}`)));
      expect((await readdir(folder)).sort()).toEqual([...Object.keys(sha256), index].sort());
      for (const [name, hash] of Object.entries(sha256)) {
        expect([
          name,
          createHash('sha256')
            .update(await readFile(join(folder, name)))
            .digest('hex'),
        ]).toEqual([name, hash]);
      }
    }));

  it('writes one file without an index where all fits, with the bytes that were read, twice the same', () =>
    withFolder(async (folder) => {
      for (const run of ['first', 'second']) {
        const { tensors, close } = await lazily('llama-untied');
        await writeFolder(join(folder, run), shardedSafetensors(tensors, pt));
        await close();
        expect(await readdir(join(folder, run))).toEqual(['model.safetensors']);
        expect(await readFile(join(folder, run, 'model.safetensors'))).toEqual(
          await readFile(golden('llama-untied/model.safetensors')),
        );
      }
    }));

  it('orders layers by number, and gives a tensor larger than a shard one of its own', () => {
    const tensors = new Map([
      ['a.10.w', zeros(2)],
      ['a.9.w', zeros(2)],
      ['b', zeros(50)],
      ['a.9', zeros(2)],
    ]);
    const files = shardedSafetensors(tensors, { maxShardSize: 16 });
    const index = JSON.parse(new TextDecoder().decode(files.get('model.safetensors.index.json') as Uint8Array));
    expect(index).toEqual({
      metadata: { total_parameters: 56, total_size: 224 },
      weight_map: {
        b: 'model-00002-of-00003.safetensors',
        'a.9': 'model-00001-of-00003.safetensors',
        'a.9.w': 'model-00001-of-00003.safetensors',
        'a.10.w': 'model-00003-of-00003.safetensors',
      },
    });
  });

  it('refuses a size that is none', async () => {
    for (const maxShardSize of [0, -1, NaN, Infinity]) {
      const error = await errorOf(() => shardedSafetensors(new Map([['w', zeros(1)]]), { maxShardSize }));
      expect(error).toMatchObject({ code: 'config-invalid', given: `maxShardSize: ${maxShardSize}` });
    }
  });
});
