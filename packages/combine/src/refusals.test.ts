import { combine, rerank, type CombineOptions } from '@lowrank/combine';
import type { Adapter } from '@lowrank/core';
import { describe, errorOf, expect, it } from '@lowrank/testing';
import { randomAdapter } from '../test/random-adapter.js';

const q = { in: 6, out: 4, rank: 2 };
const sound = randomAdapter({ q }, 1);
const changed = (change: (adapter: Adapter) => void): Adapter => {
  const adapter = randomAdapter({ q }, 2);
  change(adapter);
  return adapter;
};

describe('options are refused', () => {
  const wrong: [CombineOptions, RegExp][] = [
    [{ kind: 'tie' as 'ties' }, /"tie".*nearest here: ties/],
    [{ kind: 'ties' }, /density: undefined/],
    [{ kind: 'ties', density: 0 }, /density: 0/],
    [{ kind: 'dare_linear', density: 1.5 }, /density: 1.5/],
    [{ kind: 'cat', density: 0.5 }, /density with kind "cat"/],
    [{ kind: 'svd', density: 0.5 }, /density with kind "svd"/],
    [{ kind: 'dare_linear', density: 0.5, majoritySign: 'total' }, /majoritySign with kind "dare_linear"/],
    [{ kind: 'ties', density: 0.5, majoritySign: 'most' as 'total' }, /majoritySign: "most"/],
    [{ kind: 'linear', rank: 4 }, /rank with kind "linear"/],
    [{ kind: 'svd', rank: 0 }, /rank: 0/],
    [{ kind: 'svd', rank: 2.5 }, /rank: 2.5/],
    [{ kind: 'ties', density: 0.5, seed: 1 }, /seed with kind "ties"/],
    [{ kind: 'dare_ties', density: 0.5, seed: 0.5 }, /seed: 0.5/],
    [{ savedFrom: 2 }, /savedFrom: 2.*from 0 to 0/],
  ];
  for (const [options, message] of wrong) {
    it(JSON.stringify(options), async () => {
      const error = await errorOf(() => combine([{ adapter: sound, weight: 1 }], options));
      expect(error).toMatchObject({ code: 'config-invalid', message: expect.stringMatching(message) });
    });
  }

  it('nothing to combine, and weights that are no number', async () => {
    expect(await errorOf(() => combine([]))).toMatchObject({ code: 'config-invalid' });
    const error = await errorOf(() => combine([{ adapter: sound, weight: NaN, name: 'poet' }]));
    expect(error.given).toBe('weight NaN of poet');
  });
});

describe('an adapter is refused', () => {
  const wrong: [string, Adapter, string, RegExp][] = [
    ['with DoRA', { ...sound, config: { ...sound.config, useDora: true } }, 'config-unsupported', /DoRA.*extract/],
    [
      'with a magnitude that its config does not say',
      changed(({ tensors }) => tensors.set('q.lora_magnitude_vector', { shape: [4], data: new Float32Array(4) })),
      'config-unsupported',
      /"q.lora_magnitude_vector"/,
    ],
    [
      'that started from a changed base',
      { ...sound, config: { ...sound.config, init: 'pissa' as 'kaiming' } },
      'config-unsupported',
      /init: "pissa".*plainLora/,
    ],
    ['with A alone', changed(({ tensors }) => tensors.delete('q.lora_B.weight')), 'adapter-mismatch', /A but no B/],
    ['with B alone', changed(({ tensors }) => tensors.delete('q.lora_A.weight')), 'adapter-mismatch', /B but no A/],
    [
      'with a bias on B alone',
      changed(({ tensors }) => tensors.set('v.lora_B.bias', { shape: [1], data: new Float32Array(1) })),
      'adapter-mismatch',
      /"v".*no factors/,
    ],
    [
      'with a bias on B that does not fit',
      changed(({ tensors }) => tensors.set('q.lora_B.bias', { shape: [3], data: new Float32Array(3) })),
      'adapter-mismatch',
      /bias on B is \[3\] where \[4\]/,
    ],
    [
      'of another rank than its config says',
      { ...sound, config: { ...sound.config, rankPattern: { q: 3 } } },
      'adapter-mismatch',
      /rank 2, its config says 3/,
    ],
    [
      'whose factors are of two ranks',
      changed(({ tensors }) => tensors.set('q.lora_B.weight', { shape: [1, 4], data: new Float32Array(4) })),
      'adapter-mismatch',
      /A is of rank 2, B of rank 1/,
    ],
    [
      'whose B is that of a convolution in groups',
      changed(({ tensors }) => (tensors.get('q.lora_B.weight')!.shape = [2, 2, 2])),
      'adapter-mismatch',
      /sides before its rank are 1/,
    ],
    [
      'with a value that is not finite',
      changed(({ tensors }) => (tensors.get('q.lora_B.weight')!.data[3] = Infinity)),
      'not-finite',
      /value 3 of "q.lora_B.weight" of poet, Infinity/,
    ],
    [
      'with factors of a linear and of an embedding',
      changed(({ tensors }) => tensors.set('q.lora_embedding_A', { shape: [6, 2], data: new Float32Array(12) })),
      'adapter-mismatch',
      /a linear and of an embedding/,
    ],
  ];
  for (const [name, adapter, code, message] of wrong) {
    it(name, async () => {
      const error = await errorOf(() => combine([{ adapter, weight: 1, name: 'poet' }]));
      expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
      if (!name.includes('finite')) expect(await errorOf(() => rerank(adapter, { rank: 1 }))).toMatchObject({ code });
    });
  }
});

describe('adapters that do not fit together are refused', () => {
  const wrong: [string, Adapter, string, RegExp][] = [
    ['of two bases', randomAdapter({ q: { ...q, out: 5 } }, 3), 'shape-mismatch', /linear \[6, 4\].*linear \[6, 5\]/],
    [
      'with an embedding where the other has a linear',
      randomAdapter({ q: { ...q, embedding: true } }, 4),
      'shape-mismatch',
      /embedding \[6, 4\] in adapter 2/,
    ],
    ['of two tasks', randomAdapter({ q }, 5, { taskType: 'CAUSAL_LM' }), 'adapter-mismatch', /SEQ_CLS and CAUSAL_LM/],
  ];
  const classifier = randomAdapter({ q }, 6, { taskType: 'SEQ_CLS' });
  for (const [name, adapter, code, message] of wrong) {
    it(name, async () => {
      const pair = [classifier, adapter].map((each) => ({ adapter: each, weight: 1 }));
      expect(await errorOf(() => combine(pair))).toMatchObject({ code, message: expect.stringMatching(message) });
    });
  }
});

it('a result beyond float32 is refused', async () => {
  const error = await errorOf(() => combine([{ adapter: sound, weight: 1e300 }]));
  expect(error).toMatchObject({ code: 'not-finite', given: '"q.lora_A.weight" of the result' });
});
