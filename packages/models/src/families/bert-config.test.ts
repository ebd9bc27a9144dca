import { planAdapter } from '@lowrank/core';
import { loadEncoder, loadModel, readModules } from '@lowrank/models';
import { describe, errorOf, expect, it } from '@lowrank/testing';
import { join } from 'node:path';
import { goldenFolder } from '../../test/golden.js';
import { changeJson, withCopy } from '../../test/scratch.js';
import { infoOf } from '../module-spec.js';
import { bertSpecs, parseBertConfig } from './bert-config.js';

const least = {
  vocab_size: 9,
  hidden_size: 8,
  intermediate_size: 3,
  num_hidden_layers: 1,
  num_attention_heads: 2,
};

describe("BERT's config.json is refused by file and key", () => {
  const wrong: [Record<string, unknown>, string, RegExp][] = [
    [{ model_type: 'roberta' }, 'model-unsupported', /"model_type": "roberta": these families are loaded here: bert/],
    [{ hidden_act: 'mish' }, 'model-unsupported', /"hidden_act": "mish".*one of gelu, gelu_new/],
    [{ position_embedding_type: 'relative_key' }, 'model-unsupported', /"position_embedding_type": "relative_key"/],
    [{ quantization_config: { bits: 4 } }, 'model-unsupported', /quantization_config/],
    [{ is_decoder: true }, 'model-unsupported', /"is_decoder": true: lowrank reads models with no is_decoder/],
    [
      { architectures: ['BertForQuestionAnswering'] },
      'model-unsupported',
      /\["BertForQuestionAnswering"\]: .*BertForMaskedLM/,
    ],
    [{ architectures: ['BertForMaskedLM'] }, 'file-invalid', /"classifier\.\w+": nothing in config\.json uses it/],
    [{ num_attention_heads: 4 }, 'file-invalid', /hidden_size 30 for 4 heads/],
    [{ layer_norm_eps: 0 }, 'file-invalid', /"layer_norm_eps": 0/],
    [{ id2label: [1] }, 'file-invalid', /"id2label": \[1\]: it must be an object/],
    [{ id2label: { 0: 'one' } }, 'file-invalid', /"classifier\.weight" is \[3, 30\]: config\.json makes it \[1, 30\]/],
    [{ type_vocab_size: 3 }, 'file-invalid', /token_type_embeddings\.weight" is \[2, 30\]/],
  ];
  for (const [change, code, message] of wrong) {
    it(`with ${JSON.stringify(change)}`, () =>
      withCopy('bert-classifier', async (folder) => {
        await changeJson(join(folder, 'config.json'), change);
        const error = await errorOf(() => loadEncoder(folder));
        expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
      }));
  }

  it('by the loader of the other kind, which names the right one', async () => {
    const error = await errorOf(() => loadModel(goldenFolder('bert')));
    expect(error).toMatchObject({ code: 'model-unsupported', fix: expect.stringContaining('loadEncoder') });
    const causal = await errorOf(() => loadEncoder(goldenFolder('llama-tied')));
    expect(causal).toMatchObject({ code: 'model-unsupported', fix: expect.stringContaining('loadModel') });
  });
});

describe("BERT's config.json", () => {
  it("takes transformers' defaults", () => {
    const parsed = parseBertConfig(least, 'config.json');
    expect(parsed).toEqual({
      modelType: 'bert',
      vocabSize: 9,
      hiddenSize: 8,
      layers: 1,
      maxPositions: 512,
      classNames: undefined,
      intermediateSize: 3,
      heads: 2,
      typeVocabSize: 2,
      normEpsilon: 1e-12,
      activation: 'gelu',
      prefix: '',
    });
    const classifier = parseBertConfig({ ...least, architectures: ['BertForSequenceClassification'] }, 'config.json');
    expect(classifier).toEqual({ ...parsed, classNames: ['LABEL_0', 'LABEL_1'], prefix: 'bert.' });
  });

  it('tells its modules without loading a weight', async () => {
    using model = await loadEncoder(goldenFolder('bert-classifier'), { quantise: 'int8' });
    expect(await readModules(goldenFolder('bert-classifier'), { quantise: 'int8' })).toEqual(model.modules());
  });

  it('plans an adapter on every linear but the classification head', () => {
    const config = parseBertConfig({ ...least, architectures: ['BertForSequenceClassification'] }, 'config.json');
    const plan = planAdapter(
      { rank: 2, alpha: 4, targetModules: 'all-linear' },
      bertSpecs(config).map((spec) => infoOf(spec)),
    );
    expect(plan.modules.map(({ path }) => path.replace('bert.encoder.layer.0.', ''))).toEqual([
      'attention.self.query',
      'attention.self.key',
      'attention.self.value',
      'attention.output.dense',
      'intermediate.dense',
      'output.dense',
      'bert.pooler.dense',
    ]);
  });
});
