import { loadModel, readModules, type CausalModel } from '@lowrank/models';
import { bytesSource } from '@lowrank/formats';
import { describe, expect, expectClose, it } from '@lowrank/testing';
import type { Tensor } from '@tensorflow/tfjs-core';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { golden, goldenFolder, idsTensor } from '../test/golden.js';
import { rounded } from '../test/rounded.js';
import { changeJson, withCopy } from '../test/scratch.js';
import { tensorsOf, writeTensors } from '../test/tensors-of.js';

async function logitsOf(model: CausalModel): Promise<Float32Array> {
  const { ids } = await golden('llama-untied');
  const input = idsTensor(ids);
  const output = model.forward(input);
  const values = output.dataSync().slice() as Float32Array;
  output.dispose();
  input.dispose();
  return values;
}

describe('loadModel', () => {
  const halves = [
    { dtype: 'F16', definition: { bits: 10, least: -14 } },
    { dtype: 'BF16', definition: { bits: 7, least: -126 } },
  ] as const;
  for (const { dtype, definition } of halves) {
    it.onEachBackend(`widens each value of ${dtype} weights to the very number it stands for`, () =>
      withCopy('llama-untied', async (folder) => {
        const path = join(folder, 'model.safetensors');
        const tensors = await tensorsOf(path);
        await writeTensors(path, tensors, dtype);
        using model = await loadModel(folder);
        for (const { path } of model.modules()) {
          const { weight } = model.get(path) as unknown as { weight: Tensor };
          const stored = tensors.get(`${path}.weight`)!;
          const turned = model.get(path).kind === 'linear' ? onItsSide(stored.data, weight.shape) : stored.data;
          expect(Array.from(weight.dataSync())).toEqual(Array.from(turned, (value) => rounded(value, definition)));
        }
        const { logits } = await golden('llama-untied');
        const because = `${definition.bits} bits of fraction through two layers`;
        expectClose(await logitsOf(model), logits, { atol: 12 * 2 ** -definition.bits, because });
      }),
    );
  }

  it.onEachBackend('reads shards to the bit as it reads one file', () =>
    withCopy('llama-untied', async (folder) => {
      using whole = await loadModel(folder);
      const expected = await logitsOf(whole);
      await shard(folder);
      using model = await loadModel(folder);
      expect(Array.from(await logitsOf(model))).toEqual(Array.from(expected));
    }),
  );

  it('reads from anything that opens files by name', async () => {
    const open = async (file: string) =>
      readFile(join(goldenFolder('llama-untied'), file)).then(
        (bytes) => bytesSource(file, bytes),
        () => undefined,
      );
    using model = await loadModel({ name: 'memory', open });
    expectClose(await logitsOf(model), (await golden('llama-untied')).logits, { atol: 1e-5, because: 'float32 sums' });
  });

  it('passes over a tied head that was saved too, and over buffers of old checkpoints', () =>
    withCopy('llama-tied', async (folder) => {
      const path = join(folder, 'model.safetensors');
      const tensors = await tensorsOf(path);
      tensors.set('lm_head.weight', tensors.get('model.embed_tokens.weight')!);
      tensors.set('model.layers.0.self_attn.rotary_emb.inv_freq', { shape: [4], data: new Float32Array(4) });
      await writeTensors(path, tensors);
      using model = await loadModel(folder);
      expect(model.modules().at(-1)).toMatchObject({ path: 'lm_head', kind: 'tied-head', parameters: 0, head: true });
    }));

  it('gives biases to the linears that the config gives them', () =>
    withCopy('llama-untied', async (folder) => {
      const path = join(folder, 'model.safetensors');
      const tensors = await tensorsOf(path);
      const shapes = { q_proj: 32, k_proj: 16, v_proj: 16, o_proj: 32 };
      for (const layer of [0, 1]) {
        for (const [name, out] of Object.entries(shapes)) {
          tensors.set(`model.layers.${layer}.self_attn.${name}.bias`, {
            shape: [out],
            data: new Float32Array(out).fill(0.5),
          });
        }
      }
      await writeTensors(path, tensors);
      await changeJson(join(folder, 'config.json'), { attention_bias: true });
      using model = await loadModel(folder);
      const query = model.get('model.layers.1.self_attn.q_proj') as unknown as { bias: Tensor };
      expect(Array.from(query.bias.dataSync())).toEqual(Array(32).fill(0.5));
      expect(model.modules()[2]).toMatchObject({ in: 32, out: 32, parameters: 32 * 32 + 32 });
    }));
});

it('readModules tells from headers what a loaded model tells', () =>
  withCopy('llama-untied', async (folder) => {
    const modules = await readModules(folder);
    using model = await loadModel(folder);
    expect(modules).toEqual(model.modules());
    const weights = (await tensorsOf(join(folder, 'model.safetensors'))).values();
    const parameters = [...weights].reduce((total, { data }) => total + data.length, 0);
    expect(modules.reduce((total, module) => total + module.parameters, 0)).toBe(parameters);
    expect(modules.reduce((total, module) => total + module.bytes, 0)).toBe(4 * parameters);
  }));

/** Spreads a folder's weights over two files and an index. */
async function shard(folder: string): Promise<void> {
  const tensors = [...(await tensorsOf(join(folder, 'model.safetensors')))];
  const files = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'] as const;
  const parts = files.map((_, part) => new Map(tensors.filter((_, index) => index % 2 === part)));
  await Promise.all(files.map((file, part) => writeTensors(join(folder, file), parts[part]!)));
  const weight_map = Object.fromEntries(tensors.map(([name], index) => [name, files[index % 2]]));
  await writeFile(join(folder, 'model.safetensors.index.json'), JSON.stringify({ metadata: {}, weight_map }));
  await rm(join(folder, 'model.safetensors'));
}

/** @param data `[out, in]` @param shape `[in, out]` */
function onItsSide(data: Float32Array, [rows, columns]: number[]): number[] {
  return Array.from(data, (_, at) => data[(at % columns!) * rows! + Math.floor(at / columns!)]!);
}
