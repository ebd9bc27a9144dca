import { describe, errorOf, expect, it, withFolder } from '@lowrank/testing';
import {
  fileSource,
  openSafetensors,
  readMlxAdapter,
  readMlxAsPeft,
  readPeftFolder,
  transposed,
  writeMlxAdapter,
  writePeftFolder,
} from '@lowrank/formats';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { golden } from '../../test/golden.js';

const tensorsOf = async (path: string) => {
  const file = await openSafetensors(await fileSource(path));
  const tensors = await file.readAll();
  await file.close();
  return tensors;
};

describe('an adapter of MLX-LM as PEFT has it', () => {
  it('keeps magnitudes of DoRA beside factors', () =>
    withFolder(async (folder) => {
      await writePeftFolder(folder, await readMlxAsPeft(golden('mlx-dora')));
      const { config } = await readPeftFolder(folder);
      expect(config).toMatchObject({ use_dora: true, r: 2, lora_alpha: 3, use_rslora: false });
      const [ours, theirs] = [
        await tensorsOf(join(folder, 'adapter_model.safetensors')),
        await tensorsOf(join(golden('mlx-dora'), 'adapters.safetensors')),
      ];
      expect([ours.size, theirs.size]).toEqual([6, 6]);
      for (const path of ['model.layers.1.self_attn.q_proj', 'model.layers.1.mlp.up_proj']) {
        const name = (role: string) => ours.get(`base_model.model.${path}.${role}`);
        expect(name('lora_A.weight')).toEqual(transposed(theirs.get(`${path}.lora_a`)!));
        expect(name('lora_B.weight')).toEqual(transposed(theirs.get(`${path}.lora_b`)!));
        expect(name('lora_magnitude_vector')).toEqual(theirs.get(`${path}.m`));
      }
    }));

  it('keeps an adapter of the embedding, [rank, vocab] and [features, rank]', async () => {
    const { entries } = await readMlxAsPeft(golden('mlx-embedding'));
    const table = entries.find(({ kind }) => kind === 'embedding');
    expect(table).toMatchObject({ path: 'model.embed_tokens' });
    expect([...table!.tensors].map(([role, { shape }]) => [role, shape])).toEqual([
      ['lora_embedding_A', [2, 96]],
      ['lora_embedding_B', [32, 2]],
    ]);
    expect(entries.filter(({ kind }) => kind === 'linear')).toHaveLength(2);
  });

  for (const name of ['mlx-adapter', 'mlx-dora', 'mlx-embedding']) {
    it(`comes back from PEFT's files bit for bit: ${name}`, () =>
      withFolder(async (folder) => {
        const [peft, mlx] = [join(folder, 'peft'), join(folder, 'mlx')];
        await writePeftFolder(peft, await readMlxAsPeft(golden(name)));
        await writeMlxAdapter(mlx, await readPeftFolder(peft));
        expect(await tensorsOf(join(mlx, 'adapters.safetensors'))).toEqual(
          await tensorsOf(join(golden(name), 'adapters.safetensors')),
        );
        const config = async (path: string) => JSON.parse(await readFile(join(path, 'adapter_config.json'), 'utf8'));
        const [ours, theirs] = [await config(mlx), await config(golden(name))];
        expect(ours.fine_tune_type).toBe(theirs.fine_tune_type);
        const { rank, scale, dropout } = theirs.lora_parameters;
        expect(ours.lora_parameters).toMatchObject({ rank, scale, dropout });
      }));
  }

  it('is refused as an adapter of ours where it is more than factors of linears, by name', async () => {
    expect(await errorOf(() => readMlxAdapter(golden('mlx-dora')))).toMatchObject({
      code: 'config-unsupported',
      rule: expect.stringContaining('DoRA'),
    });
    expect(await errorOf(() => readMlxAdapter(golden('mlx-embedding')))).toMatchObject({
      code: 'config-unsupported',
      given: expect.stringContaining('"model.embed_tokens"'),
    });
  });
});

describe('writeMlxAdapter refuses', () => {
  it('DoRA of an embedding, whose magnitudes mean something else there', async () => {
    const error = await errorOf(async () =>
      writeMlxAdapter('/nowhere', await foldersOnly('dora', ['table', 'linear'])),
    );
    expect(error).toMatchObject({ code: 'config-unsupported', given: expect.stringContaining('"table"') });
  });

  it('convolutions, saved modules and biases on B, by name', async () => {
    for (const [name, given] of [
      ['layers', /"conv1\.lora_A\.weight"/],
      ['modules-to-save', /"head\./],
      ['lora-bias', /"linear\.lora_B\.bias"/],
    ] as const) {
      const adapter = await readPeftFolder(golden(`peft-folders/${name}`));
      expect(await errorOf(() => writeMlxAdapter('/nowhere', adapter))).toMatchObject({
        code: 'config-unsupported',
        given: expect.stringMatching(given),
      });
    }
  });
});

async function foldersOnly(name: string, paths: string[]) {
  const { config, entries, metadata } = await readPeftFolder(golden(`peft-folders/${name}`));
  return { config, entries: entries.filter(({ path }) => paths.includes(path)), metadata };
}
