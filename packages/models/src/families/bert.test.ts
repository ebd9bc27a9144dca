import { LoraLinear, type FrozenLinear } from '@lowrank/core';
import { loadEncoder, meanPool, type EncoderInput } from '@lowrank/models';
import { describe, expect, expectClose, it } from '@lowrank/testing';
import {
  dispose,
  matMul,
  mean,
  mul,
  square,
  tensor2d,
  tidy,
  variableGrads,
  type Scalar,
  type Tensor2D,
} from '@tensorflow/tfjs-core';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { goldenFolder } from '../../test/golden.js';
import { tensorsOf } from '../../test/tensors-of.js';

interface Expected {
  input_ids: number[][];
  attention_mask: number[][];
  token_type_ids: number[][];
}

const because = 'two layers of float32 sums in another order than torch';

async function expectedOf(name: string) {
  const text = await readFile(join(goldenFolder(name), 'expected.json'), 'utf8');
  const tensors = await tensorsOf(join(goldenFolder(name), 'expected.safetensors'));
  return { json: JSON.parse(text) as Expected, values: (key: string) => tensors.get(key)!.data };
}

function inputOf({ input_ids: ids, attention_mask: mask, token_type_ids: types }: Expected) {
  return { ids: tensor2d(ids, undefined, 'int32'), mask: tensor2d(mask), types: tensor2d(types, undefined, 'int32') };
}

describe('a BertModel', () => {
  it.onEachBackend("gives transformers' states and their mean over the tokens, padding left out", async () => {
    const { json, values } = await expectedOf('bert');
    using model = await loadEncoder(goldenFolder('bert'));
    const input = inputOf(json);
    const hidden = model.forward(input);
    expectClose(hidden, values('hidden'), { atol: 1e-5, because });
    const pooled = meanPool(hidden, input.mask);
    expectClose(pooled, values('pooled'), { atol: 1e-5, because });
    dispose([hidden, pooled, ...Object.values(input)]);
  });

  it.onEachBackend('has the activation, the norms and the one kind of text that its config says', async () => {
    const { json, values } = await expectedOf('bert-options');
    using model = await loadEncoder(goldenFolder('bert-options'));
    const input = inputOf(json);
    const hidden = model.forward(input);
    expectClose(hidden, values('hidden'), { atol: 1e-5, because });
    dispose([hidden, ...Object.values(input)]);
  });

  it.onEachBackend('takes ids alone as one unpadded text', async () => {
    const { json } = await expectedOf('bert');
    using model = await loadEncoder(goldenFolder('bert'));
    const { ids, mask, types } = inputOf(json);
    const whole: EncoderInput = { ids, mask: tensor2d(json.attention_mask.map((row) => row.map(() => 1))) };
    const plain = model.forward({ ids });
    const told = model.forward(whole);
    expect(Array.from(plain.dataSync())).toEqual(Array.from(told.dataSync()));
    const [means, same] = [meanPool(plain), meanPool(told, whole.mask)];
    expectClose(means, same.dataSync(), { atol: 1e-6, because: 'a mean of 11 values, summed in another order' });
    dispose([ids, mask, types, whole.mask!, plain, told, means, same]);
  });

  it('has no classes, and refuses more positions than it was trained on', async () => {
    using model = await loadEncoder(goldenFolder('bert'));
    const ids = tensor2d(new Int32Array(18), [1, 18], 'int32');
    expect(model.config.classNames).toBeUndefined();
    expect(() => model.classify({ ids })).toThrow(expect.objectContaining({ code: 'model-unsupported' }));
    expect(() => model.forward({ ids })).toThrow(expect.objectContaining({ code: 'shape-mismatch' }));
    ids.dispose();
  });
});

describe('a BertForSequenceClassification', () => {
  it.onEachBackend("gives transformers' logits", async () => {
    const { json, values } = await expectedOf('bert-classifier');
    using model = await loadEncoder(goldenFolder('bert-classifier'));
    const input = inputOf(json);
    const logits = model.classify(input);
    expect(model.config.classNames).toEqual(['LABEL_0', 'LABEL_1', 'LABEL_2']);
    expectClose(logits, values('logits'), { atol: 1e-5, because });
    dispose([logits, ...Object.values(input)]);
  });

  it.onEachBackend("passes torch's gradient from its logits to an adapter on its first layer", async ({ tensors }) => {
    const { json, values } = await expectedOf('bert-classifier');
    using model = await loadEncoder(goldenFolder('bert-classifier'));
    const input = inputOf(json);
    const path = 'bert.encoder.layer.0.attention.self.query';
    using layer = LoraLinear.fromBase(model.get(path) as FrozenLinear, { rank: 2, alpha: 8 });
    model.replace(path, layer);
    const loss = () => mean(square(model.classify(input))) as Scalar;
    const { value, grads } = variableGrads(loss, [layer.a, layer.b]);

    // With B = 0 the model is the base: dB = scaling Aᵀ dW, and torch has dW as [out, in].
    const dW = tensors.of(values('query_gradient'), [30, 30]);
    const dB = tidy(() => mul(matMul(layer.a as unknown as Tensor2D, dW, true, true), 4));
    expectClose(grads[layer.b.name]!, dB.dataSync(), { atol: 1e-6, because });
    expect(Math.max(...dB.dataSync().map(Math.abs))).toBeGreaterThan(1e-3);
    expect(Array.from(grads[layer.a.name]!.dataSync()).every((slope) => slope === 0)).toBe(true);
    dispose([value, dB, ...Object.values(grads), ...Object.values(input)]);
  });
});
