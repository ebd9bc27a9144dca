import { describe, expect, it, matMul64, withFolder } from '@lowrank/testing';
import { loraConfig, scalingOf, type Adapter, type PlainTensor } from '@lowrank/core';
import { fileSource, openGguf, readGgufAdapter, readPeft, writeGgufAdapter } from '@lowrank/formats';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { golden } from '../../test/golden.js';

const llama = { architecture: 'llama', heads: 4, keyValueHeads: 2 };
const converted = golden('gguf/adapter.gguf');

const contents = async (path: string) => {
  const file = await openGguf(await fileSource(path));
  const tensors = new Map<string, PlainTensor>();
  for (const name of file.tensors.keys()) tensors.set(name, await file.read(name));
  await file.close();
  return { metadata: file.metadata, tensors };
};

describe("llama.cpp's converter", () => {
  it('makes of an adapter what readGgufAdapter gives back, queries in their own order', async () => {
    const ours = await readGgufAdapter(converted, llama);
    const peft = await readPeft(golden('peft-adapter'));
    expect(ours.tensors.size).toBe(12);
    expect(ours.tensors).toEqual(peft.tensors);
    expect(ours.config).toMatchObject({ rank: 4, alpha: 12, rankPattern: {}, alphaPattern: {} });
    expect(ours.config.targetModules).toHaveLength(6);
    expect(ours.config.targetModules).toContain('model.layers.0.self_attn.q_proj');
  });

  it('and writeGgufAdapter write the same tensors and the same facts about them', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'poet.gguf');
      await writeGgufAdapter(path, await readPeft(golden('peft-adapter')), llama);
      const [ours, theirs] = [await contents(path), await contents(converted)];
      expect(Object.fromEntries(ours.tensors)).toEqual(Object.fromEntries(theirs.tensors));
      for (const [key, value] of ours.metadata) expect(theirs.metadata.get(key)).toEqual(value);
      expect([...ours.metadata.keys()]).toEqual([
        'general.architecture',
        'general.type',
        'adapter.type',
        'adapter.lora.alpha',
      ]);
    }));
});

/** `scaling · A B` of a module, in float64, row by row. */
function delta({ config, tensors }: Adapter, path: string): number[] {
  const [a, b] = ['A', 'B'].map((role) => tensors.get(`${path}.lora_${role}.weight`) as PlainTensor);
  const own = (pattern: Record<string, number>, common: number) => {
    const key = Object.keys(pattern).find((end) => path.endsWith(end));
    return key === undefined ? common : (pattern[key] as number);
  };
  const rank = own(config.rankPattern, config.rank);
  const scaling = scalingOf({ rank, alpha: own(config.alphaPattern, config.alpha), useRslora: config.useRslora });
  const [features = 0, inner = 0] = a?.shape ?? [];
  const product = matMul64(a?.data ?? [], b?.data ?? [], [features, inner, b?.shape[1] ?? 0]);
  return Array.from(product, (value) => value * scaling);
}

const roundTrip = async (folder: string, adapter: Adapter, options = llama) => {
  const path = join(folder, 'adapter.gguf');
  await writeGgufAdapter(path, adapter, options);
  return readGgufAdapter(path, options);
};

describe('an adapter through GGUF', () => {
  it('acts as before where rsLoRA, ranks and alphas of single modules meet', () =>
    withFolder(async (folder) => {
      const before = await readPeft(golden('peft-adapter-rslora'));
      const after = await roundTrip(folder, before);
      expect(after.config).toMatchObject({ useRslora: false, alphaPattern: {} });
      for (const path of after.config.targetModules as string[]) {
        const [given, got] = [delta(before, path), delta(after, path)];
        const size = Math.max(...given.map(Math.abs));
        // One float32 rounding of lora_b and one of alpha.
        for (const [index, value] of got.entries()) {
          expect(Math.abs(value - (given[index] as number)) / size, path).toBeLessThan(2e-7);
        }
      }
    }));

  it('keeps every bit and gives the same bytes again, whatever the order of its tensors', () =>
    withFolder(async (folder) => {
      const adapter = await readGgufAdapter(converted, llama);
      const [first, second] = [join(folder, 'first'), join(folder, 'second')];
      await writeGgufAdapter(first, adapter, llama);
      await writeGgufAdapter(second, { ...adapter, tensors: new Map([...adapter.tensors].reverse()) }, llama);
      expect(await readFile(second)).toEqual(await readFile(first));
      expect(await readGgufAdapter(second, llama)).toEqual(adapter);
    }));

  it('has names of each architecture', () =>
    withFolder(async (folder) => {
      const paths = {
        qwen2: ['model.layers.10.self_attn.k_proj', 'blk.10.attn_k.weight.lora_a'],
        gpt2: ['transformer.h.3.attn.c_attn', 'blk.3.attn_qkv.weight.lora_a'],
        bert: ['bert.encoder.layer.0.attention.output.dense', 'blk.0.attn_output.weight.lora_a'],
        qwen3: ['lm_head', 'output.weight.lora_a'],
      };
      for (const [architecture, [module = '', name = '']] of Object.entries(paths)) {
        const adapter = tiny(module);
        expect((await roundTrip(folder, adapter, { ...llama, architecture })).tensors).toEqual(adapter.tensors);
        expect([...(await contents(join(folder, 'adapter.gguf'))).tensors.keys()]).toContain(name);
      }
    }));

  it('may be rounded to 16 bits', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'half.gguf');
      await writeGgufAdapter(path, tiny('lm_head'), { architecture: 'qwen2', dtype: 'F16' });
      const { tensors } = await readGgufAdapter(path);
      expect(tensors.get('lm_head.lora_B.weight')?.data[1]).toBe(0.0999755859375); // the F16 next to 0.1
    }));
});

function tiny(module: string): Adapter {
  return {
    config: loraConfig({ rank: 1, alpha: 2, targetModules: [module] }),
    tensors: new Map([
      [`${module}.lora_A.weight`, { shape: [3, 1], data: Float32Array.of(1, 2, 3) }],
      [`${module}.lora_B.weight`, { shape: [1, 4], data: Float32Array.of(4, 0.1, 6, 7) }],
    ]),
  };
}

it('an adapter of a model without a head has the names of one with', () =>
  withFolder(async (folder) => {
    const factors = (path: string): [string, PlainTensor][] => [
      [`${path}.lora_A.weight`, { shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
      [`${path}.lora_B.weight`, { shape: [2, 3], data: Float32Array.of(7, 8, 9, 10, 11, 12) }],
    ];
    const [bare, headed] = ['encoder.layer.1.output.dense', 'bert.encoder.layer.1.output.dense'] as const;
    const config = loraConfig({ rank: 2, targetModules: ['dense'] });
    const path = join(folder, 'bert.gguf');
    await writeGgufAdapter(path, { config, tensors: new Map(factors(bare)) }, { architecture: 'bert' });
    expect([...(await contents(path)).tensors.keys()]).toContain('blk.1.ffn_down.weight.lora_a');
    expect((await readGgufAdapter(path)).tensors).toEqual(new Map(factors(headed)));
  }));
