import { BlockWeight, dequantise, type FrozenWeight } from '@lowrank/core';
import { fileSource, openSafetensors, transposed } from '@lowrank/formats';
import { ggufFolder, loadModel, readModules, saveModel, type CausalModel } from '@lowrank/models';
import { describe, expect, expectClose, it, withFolder } from '@lowrank/testing';
import { memory, tidy } from '@tensorflow/tfjs-core';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { goldenGguf } from '../../test/gguf.js';
import { golden, goldenFolder, idsTensor } from '../../test/golden.js';
import { expectNearestCodes } from '../../test/quantised.js';
import { tensorsOf } from '../../test/tensors-of.js';

const quantised = goldenGguf('quantised');
const because = 'float32, sums in another order';

/** What packs each kind of module in `quantised.gguf`. */
const stored: Record<string, [format: string | undefined, block: number, exact: boolean]> = {
  embed_tokens: ['int8', 32, true], // Q8_0
  q_proj: ['int8', 32, true], // Q8_0
  k_proj: ['q4', 32, true], // Q4_0
  v_proj: ['int8', 32, true], // Q5_0
  o_proj: ['int8', 32, false], // Q4_1
  gate_proj: ['int8', 32, false], // Q5_1
  up_proj: [undefined, 0, true], // F16
  down_proj: [undefined, 0, true], // BF16
};

async function expectedLogits(): Promise<{ ids: number[][]; logits: Float32Array }> {
  const { input_ids: ids } = JSON.parse(await readFile(join(goldenFolder('gguf'), 'quantised.json'), 'utf8'));
  const file = await openSafetensors(await fileSource(join(goldenFolder('gguf'), 'quantised.safetensors')));
  const { data: logits } = await file.read('logits');
  await file.close();
  return { ids, logits };
}

function logitsOf(model: CausalModel, ids: number[][]): Float32Array {
  const output = tidy(() => model.forward(idsTensor(ids)));
  const values = output.dataSync().slice() as Float32Array;
  output.dispose();
  return values;
}

const weightOf = (model: CausalModel, path: string) => (model.get(path) as unknown as { weight: FrozenWeight }).weight;

/** By rows, `[out, in]`, as files have it; for a table `[vocab, hidden]`. */
function rowsOf(model: CausalModel, path: string) {
  const weight = weightOf(model, path);
  if (!(weight instanceof BlockWeight)) {
    const plain = { shape: weight.shape, data: weight.dataSync() as Float32Array };
    return model.get(path).kind === 'linear' ? transposed(plain) : plain;
  }
  const values = dequantise(weight);
  const plain = { shape: values.shape, data: values.dataSync().slice() as Float32Array };
  values.dispose();
  return plain;
}

describe('a GGUF file as a base', () => {
  it.onEachBackend('is the model that it was converted from', async () => {
    const { ids, logits } = await golden('llama-untied');
    using model = await loadModel(goldenGguf('base'));
    using original = await loadModel(goldenFolder('llama-untied'));
    expect(model.config).toEqual(original.config);
    expect(model.modules()).toEqual(original.modules());
    for (const path of ['lm_head', 'model.layers.1.self_attn.q_proj', 'model.layers.0.self_attn.k_proj']) {
      expect(rowsOf(model, path)).toEqual(rowsOf(original, path));
    }
    expectClose(logitsOf(model, ids), logits, { atol: 1e-5, because });
  });

  it.onEachBackend('has the logits of the values that its packed weights stand for', async () => {
    const { ids, logits } = await expectedLogits();
    using model = await loadModel(quantised);
    expect(model.config).toMatchObject({
      qkvBias: true,
      outputBias: true,
      tiedHead: true,
      ropeTheta: 20000,
      normEpsilon: 1e-5,
      eosTokenIds: [0],
    });
    expectClose(logitsOf(model, ids), logits, { atol: 1e-5, because });
  });

  it.onEachBackend('kept as stored, moves no value of the exact types and others by at most half a step', async () => {
    using dense = await loadModel(quantised);
    using model = await loadModel(quantised, { quantise: 'stored' });
    for (const { path, kind } of model.modules()) {
      if (kind === 'norm' || kind === 'tied-head') continue;
      const [format, block, exact] = stored[path.split('.').at(-1) as string]!;
      const weight = weightOf(model, path);
      expect(weight instanceof BlockWeight ? weight.format : undefined, path).toBe(format);
      const [kept, values] = [rowsOf(model, path), rowsOf(dense, path)];
      if (exact) {
        // Adding 0 makes of -0 what it equals.
        expect(Array.from(kept.data, (value) => value + 0)).toEqual(Array.from(values.data, (value) => value + 0));
      } else expectNearestCodes(kept, values, 'int8', block);
    }
    const { ids, logits } = await expectedLogits();
    expectClose(logitsOf(model, ids), logits, { atol: 0.05, because: 'o_proj and gate_proj in 8 bits' });
  });

  for (const quantise of ['int8', 'nf4', 'q4'] as const) {
    it(`packs each type anew as ${quantise}`, async () => {
      using dense = await loadModel(quantised);
      using model = await loadModel(quantised, { quantise });
      for (const { path, kind } of model.modules()) {
        if (kind !== 'norm' && kind !== 'tied-head')
          expectNearestCodes(rowsOf(model, path), rowsOf(dense, path), quantise);
      }
    });
  }

  it.onEachBackend('takes what its modules say, told without loading a weight', async () => {
    for (const quantise of [undefined, 'stored', 'nf4'] as const) {
      const before = memory();
      const model = await loadModel(quantised, { quantise });
      const modules = model.modules();
      expect(await readModules(quantised, { quantise })).toEqual(modules);
      expect(memory().numBytes - before.numBytes).toBe(modules.reduce((total, { bytes }) => total + bytes, 0));
      model.dispose();
      expect(memory().numBytes).toBe(before.numBytes);
    }
    const attention = (await readModules(quantised, { quantise: 'stored' })).filter(({ path }) =>
      /\.0\.self_attn/.test(path),
    );
    // Biases in float32; of each 32 values, 32 or 16 bytes of codes and a float32 scale.
    expect(attention.map(({ bytes }) => bytes)).toEqual([
      64 * 2 * 36 + 4 * 64,
      32 * 2 * 20 + 4 * 32,
      32 * 2 * 36 + 4 * 32,
      64 * 2 * 36 + 4 * 64,
    ]);
  });

  it('is read one tensor at a time, however it is kept', async () => {
    for (const quantise of [undefined, 'stored', 'nf4'] as const) {
      const before = memory().numBytes;
      const notes = { bytes: [] as number[], reading: 0, together: 0, open: 0 };
      const folder = ggufFolder('model.gguf', { name: 'watched', open: () => watched(notes) });
      const model = await loadModel(folder, { quantise });
      const atRest = memory().numBytes - before;
      const seen = notes.bytes.map((bytes) => bytes - before);
      expect(seen).toEqual(seen.toSorted((left, right) => left - right));
      expect([notes.together, notes.open, seen.at(-1)! < atRest, seen.length > 28]).toEqual([1, 0, true, true]);
      model.dispose();
    }
  });

  it('is saved as a Hugging Face folder with the values that it computes with', () =>
    withFolder(async (to) => {
      const { ids, logits } = await expectedLogits();
      {
        using model = await loadModel(quantised);
        await saveModel(model, { from: quantised, to });
      }
      const config = JSON.parse(await readFile(join(to, 'config.json'), 'utf8'));
      expect(config).toMatchObject({
        model_type: 'llama',
        torch_dtype: 'float32',
        rms_norm_eps: 1e-5,
        attention_bias: true,
      });
      expect((await tensorsOf(join(to, 'model.safetensors'))).size).toBe(28);
      using again = await loadModel(to);
      expectClose(logitsOf(again, ids), logits, { atol: 1e-5, because });
    }));
});

/** The golden, noting what is on the backend as each part is read, and what has been read or opened unfinished. */
async function watched(notes: { bytes: number[]; reading: number; together: number; open: number }) {
  const source = await fileSource(quantised);
  notes.open++;
  return {
    ...source,
    async read(offset: number, length: number) {
      notes.bytes.push(memory().numBytes);
      notes.together = Math.max(notes.together, ++notes.reading);
      try {
        return await source.read(offset, length);
      } finally {
        notes.reading--;
      }
    },
    async close() {
      notes.open--;
      await source.close();
    },
  };
}
