import { loadClassifier, loadEncoder, readModules, saveModel, type EncoderModel } from '@lowrank/models';
import { describe, errorOf, expect, expectClose, it } from '@lowrank/testing';
import { tensor2d, tidy } from '@tensorflow/tfjs-core';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { goldenFolder } from '../../test/golden.js';
import { changeJson, withCopy } from '../../test/scratch.js';
import { tensorsOf, writeTensors } from '../../test/tensors-of.js';

const golden = goldenFolder('bert-masked-lm');
const inputs = JSON.parse(await readFile(join(golden, 'expected.json'), 'utf8'));
const expected = (await tensorsOf(join(golden, 'expected.safetensors'))).get('hidden')!.data;
const because = "a layer of float32 sums in another order than torch, whose AutoModel's states these are";

function expectStates(model: EncoderModel): void {
  const hidden = tidy(() => {
    const ids = (key: string) => tensor2d(inputs[key], undefined, 'int32');
    return model.forward({
      ids: ids('input_ids'),
      types: ids('token_type_ids'),
      mask: tensor2d(inputs.attention_mask),
    });
  });
  expectClose(hidden, expected, { atol: 1e-5, because });
  hidden.dispose();
}

type Tensors = Awaited<ReturnType<typeof tensorsOf>>;

/** The golden with other tensors: `change` gives what takes their place. */
function withTensors(change: (tensors: Tensors) => Tensors, use: (folder: string) => Promise<void>): Promise<void> {
  return withCopy('bert-masked-lm', async (folder) => {
    const file = join(folder, 'model.safetensors');
    await writeTensors(file, change(await tensorsOf(file)));
    await use(folder);
  });
}

const zeros = (...shape: number[]) => ({ shape, data: new Float32Array(shape.reduce((size, side) => size * side, 1)) });

describe('a BERT saved as it was pretrained', () => {
  it('is an encoder without its head, and without a pooler where it has none', async () => {
    using model = await loadEncoder(golden);
    expectStates(model);
    const paths = model.modules().map(({ path }) => path);
    expect([paths[0], paths.at(-1)]).toEqual(['embeddings.word_embeddings', 'encoder.layer.0.output.LayerNorm']);
    expect(await readModules(golden)).toEqual(model.modules());
  });

  it('is one under the names of bert-base-uncased too: a pooler, both heads, gamma and beta', () =>
    withTensors(
      (tensors) => {
        const older = (name: string) =>
          name.replace('LayerNorm.weight', 'LayerNorm.gamma').replace('LayerNorm.bias', 'LayerNorm.beta');
        return new Map([
          ...[...tensors].map(([name, tensor]) => [older(name), tensor] as const),
          ['bert.pooler.dense.weight', zeros(12, 12)],
          ['bert.pooler.dense.bias', zeros(12)],
          ['cls.predictions.decoder.weight', zeros(64, 12)],
          ['cls.seq_relationship.weight', zeros(2, 12)],
          ['cls.seq_relationship.bias', zeros(2)],
        ]);
      },
      async (folder) => {
        await changeJson(join(folder, 'config.json'), { architectures: ['BertForPreTraining'] });
        using model = await loadEncoder(folder);
        expectStates(model);
        expect(model.modules().at(-1)).toMatchObject({ path: 'pooler.dense' });
      },
    ));

  it('becomes a classifier, whose head and missing pooler are fresh', async () => {
    using model = await loadClassifier(golden, { classNames: ['ham', 'spam'] });
    expectStates(model);
    const fresh = model.modules().filter((module) => module.fresh);
    expect(fresh.map(({ path }) => path)).toEqual(['bert.pooler.dense', 'classifier']);
  });

  it('is saved as the BertModel that it was read as', () =>
    withCopy('bert-masked-lm', async (folder) => {
      const to = join(folder, 'saved');
      using model = await loadEncoder(folder);
      await saveModel(model, { from: folder, to });
      const { architectures } = JSON.parse(await readFile(join(to, 'config.json'), 'utf8'));
      expect(architectures).toEqual(['BertModel']);
      expect(
        [...(await tensorsOf(join(to, 'model.safetensors'))).keys()].filter((name) => /bert|cls/.test(name)),
      ).toEqual([]);
      using again = await loadEncoder(to);
      expectStates(again);
    }));

  const strange: [what: string, name: string, shape: number[], message: RegExp][] = [
    [
      'another head',
      'cls.predictions.extra.weight',
      [12],
      /"cls\.predictions\.extra\.weight": nothing in config\.json/,
    ],
    ['half a pooler', 'bert.pooler.dense.bias', [12], /no tensor "pooler\.dense\.weight"/],
    ['a tensor under both of its names', 'embeddings.LayerNorm.gamma', [12], /both are names of the same tensor/],
  ];
  for (const [what, name, shape, message] of strange) {
    it(`is refused with ${what}`, () =>
      withTensors(
        (tensors) => new Map([...tensors, [name, zeros(...shape)]]),
        async (folder) => {
          const error = await errorOf(() => loadEncoder(folder));
          expect(error).toMatchObject({ code: 'file-invalid', message: expect.stringMatching(message) });
        },
      ));
  }
});
