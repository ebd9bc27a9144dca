import { describe, errorOf, expect, it, withFolder } from '@lowrank/testing';
import { loraConfig, type Adapter } from '@lowrank/core';
import { bytesSource, readGgufAdapter, writeGgufAdapter, type GgufAdapterOptions } from '@lowrank/formats';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileName, ggufBytes, info, number, text, value } from '../../test/gguf-file.js';
import { golden } from '../../test/golden.js';

const query = 'model.layers.0.self_attn.q_proj';

function adapter(module: string, outputs = Float32Array.of(1, 2, 3, 4)): Adapter {
  return {
    config: loraConfig({ rank: 1, alpha: 1, targetModules: [module] }),
    tensors: new Map([
      [`${module}.lora_A.weight`, { shape: [2, 1], data: Float32Array.of(1, 2) }],
      [`${module}.lora_B.weight`, { shape: [1, 4], data: outputs }],
    ]),
  };
}

describe('writeGgufAdapter refuses, and writes nothing,', () => {
  const cases: [string, Adapter, GgufAdapterOptions, string, RegExp][] = [
    ['an unknown architecture', adapter(query), { architecture: 'lama' }, 'config-unsupported', /nearest here: llama/],
    ['one of the prototype', adapter(query), { architecture: 'toString' }, 'config-unsupported', /toString/],
    [
      'a module that has no name there',
      adapter('classifier'),
      { architecture: 'bert' },
      'config-unsupported',
      /"classifier"/,
    ],
    ['a query without heads', adapter(query), { architecture: 'llama' }, 'config-invalid', /no "heads" for/],
    [
      'heads that do not divide the rows',
      adapter(query),
      { architecture: 'llama', heads: 3 },
      'shape-mismatch',
      /3 heads on 4/,
    ],
    ['heads of odd size', adapter(query), { architecture: 'llama', heads: 4 }, 'shape-mismatch', /4 heads on 4/],
    [
      'a NaN',
      adapter(query, Float32Array.of(1, NaN, 3, 4)),
      { architecture: 'qwen2' },
      'not-finite',
      /lora_B.* holds NaN at 1/,
    ],
    [
      'an infinity',
      adapter(query, Float32Array.of(1, 2, 3, -Infinity)),
      { architecture: 'qwen2' },
      'not-finite',
      /-Infinity at 3/,
    ],
    [
      'a value beyond F16',
      adapter(query, Float32Array.of(1, 2, 3, 7e4)),
      { architecture: 'qwen2', dtype: 'F16' },
      'not-finite',
      /infinite in F16/,
    ],
  ];
  for (const [name, given, options, code, message] of cases) {
    it(name, () =>
      withFolder(async (folder) => {
        const error = await errorOf(() => writeGgufAdapter(join(folder, 'a.gguf'), given, options));
        expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
        expect(await readdir(folder)).toEqual([]);
      }),
    );
  }
});

const facts = (changes: Record<string, Uint8Array | undefined> = {}) => {
  const values = {
    'general.architecture': value('general.architecture', 8, text('qwen2')),
    'general.type': value('general.type', 8, text('adapter')),
    'adapter.type': value('adapter.type', 8, text('lora')),
    'adapter.lora.alpha': value('adapter.lora.alpha', 6, number('f32', 2)),
    ...changes,
  };
  return Object.values(values).filter((bytes) => bytes !== undefined);
};

const read = (values: Uint8Array[], infos: Uint8Array[], dataBytes: number) =>
  readGgufAdapter(bytesSource(fileName, ggufBytes({ values, infos, dataBytes })));

const [a, b] = ['blk.0.attn_q.weight.lora_a', 'blk.0.attn_q.weight.lora_b'];
const pair = [info(a as string, [3, 2]), info(b as string, [2, 4], 0, 32)];

describe('readGgufAdapter', () => {
  const cases: [string, Uint8Array[], Uint8Array[], number, string, RegExp][] = [
    [
      'a model',
      facts({ 'general.type': value('general.type', 8, text('model')) }),
      pair,
      64,
      'config-unsupported',
      /"general.type" is "model"/,
    ],
    [
      'a file without a type',
      facts({ 'general.type': undefined }),
      pair,
      64,
      'config-unsupported',
      /"general.type" is nothing/,
    ],
    [
      'another kind of adapter',
      facts({ 'adapter.type': value('adapter.type', 8, text('control')) }),
      pair,
      64,
      'config-unsupported',
      /control/,
    ],
    [
      'activated LoRA',
      facts({ x: value('adapter.alora.invocation_tokens', 4, number('u32', 1)) }),
      pair,
      64,
      'config-unsupported',
      /activated LoRA/,
    ],
    [
      'an alpha that is no number',
      facts({ 'adapter.lora.alpha': value('adapter.lora.alpha', 6, number('f32', NaN)) }),
      pair,
      64,
      'config-unsupported',
      /alpha" is NaN/,
    ],
    [
      'an architecture it does not know',
      facts({ 'general.architecture': value('general.architecture', 8, text('mamba')) }),
      pair,
      64,
      'config-unsupported',
      /"mamba"/,
    ],
    [
      'a tensor that is no factor',
      facts(),
      [...pair, info('blk.0.attn_norm.weight', [3], 0, 64)],
      96,
      'config-unsupported',
      /attn_norm/,
    ],
    [
      'a module it has no name for',
      facts(),
      [info('position_embd.weight.lora_a', [1])],
      4,
      'config-unsupported',
      /position_embd/,
    ],
    ['a factor without its other', facts(), pair.slice(0, 1), 32, 'adapter-mismatch', /lora_A but no lora_B/],
    ['an unpaired B', facts(), [info(b as string, [2, 4])], 32, 'adapter-mismatch', /lora_B but no lora_A/],
    [
      'factors of two ranks',
      facts(),
      [pair[0] as Uint8Array, info(b as string, [1, 4], 0, 32)],
      64,
      'adapter-mismatch',
      /lora_A is of rank 2, lora_B of rank 1/,
    ],
    [
      'factors of rank 0',
      facts(),
      [info(a as string, [3, 0]), info(b as string, [0, 4])],
      0,
      'adapter-mismatch',
      /rank 0/,
    ],
    [
      'a factor with three sides',
      facts(),
      [info(a as string, [3, 2, 1]), info(b as string, [2, 4], 0, 32)],
      64,
      'adapter-mismatch',
      /3/,
    ],
    ['no tensors', facts(), [], 0, 'adapter-mismatch', /holds no factors/],
  ];
  for (const [name, values, infos, dataBytes, code, message] of cases) {
    it(`refuses ${name}, naming the file`, async () => {
      const error = await errorOf(() => read(values, infos, dataBytes));
      expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
      expect(error.given).toContain(fileName);
    });
  }

  it('refuses a NaN by its place', async () => {
    const bytes = ggufBytes({ values: facts(), infos: pair, dataBytes: 64 });
    new DataView(bytes.buffer).setFloat32(bytes.length - 60, NaN, true);
    const error = await errorOf(() => readGgufAdapter(bytesSource(fileName, bytes)));
    expect(error).toMatchObject({ code: 'not-finite', given: `"${a}" in ${fileName} holds NaN at 1` });
  });

  it('refuses a Llama’s queries without its heads', async () => {
    const error = await errorOf(() => readGgufAdapter(golden('gguf/adapter.gguf')));
    expect(error).toMatchObject({ code: 'config-invalid', given: 'no "heads" for "blk.0.attn_q"' });
  });

  it('takes an alpha of 0 as llama.cpp does: a scaling of 1', async () => {
    for (const alpha of [undefined, value('adapter.lora.alpha', 6, number('f32', 0))]) {
      const { config } = await read(facts({ 'adapter.lora.alpha': alpha }), pair, 64);
      expect(config).toMatchObject({ rank: 2, alpha: 2, alphaPattern: {} });
    }
  });
});
