import { LowrankError } from '@lowrank/core/plan';
import type { JsonObject } from '@lowrank/formats';
import type { EncoderConfig } from '../encoder-model.js';
import type { ModuleSpec } from '../module-spec.js';
import { activationNames, type Activation } from '../parts/activation-names.js';
import { configClassNames } from './class-names.js';
import { ConfigReader } from './config-reader.js';

export interface BertConfig extends EncoderConfig {
  modelType: 'bert';
  intermediateSize: number;
  heads: number;
  /** Texts that a sequence may be made of. */
  typeVocabSize: number;
  normEpsilon: number;
  activation: Activation;
  /** What stands before the encoder's paths: nothing, or `bert.` beneath a head. */
  prefix: '' | 'bert.';
}

/**
 * Reads a Hugging Face `config.json` of model_type `bert`, whose `architectures` says which head it has.
 * Throws `file-invalid` for a value that cannot be, `model-unsupported` for what is not built yet.
 */
export function parseBertConfig(json: JsonObject, file: string): BertConfig {
  const config = new ConfigReader(json, file);
  config.only('position_embedding_type', 'absolute');
  config.only('quantization_config', null);
  config.only('is_decoder', false);
  const classifies = hasClassifier(json, file);
  const hiddenSize = config.count('hidden_size');
  const heads = config.count('num_attention_heads');
  if (hiddenSize % heads !== 0) {
    throw new LowrankError('file-invalid', {
      given: `${file}: hidden_size ${hiddenSize} for ${heads} heads`,
      rule: 'hidden_size is a multiple of num_attention_heads',
      fix: 'take the config.json that belongs to the weights',
    });
  }
  return {
    modelType: 'bert',
    vocabSize: config.count('vocab_size'),
    hiddenSize,
    layers: config.count('num_hidden_layers', { most: 4096 }),
    maxPositions: config.count('max_position_embeddings', { fallback: 512 }),
    classNames: classifies ? configClassNames(json, file) : undefined,
    intermediateSize: config.count('intermediate_size'),
    heads,
    typeVocabSize: config.count('type_vocab_size', { fallback: 2 }),
    normEpsilon: config.positive('layer_norm_eps', 1e-12),
    activation: config.oneOf('hidden_act', activationNames, 'gelu'),
    prefix: classifies ? 'bert.' : '',
  };
}

/** Of those that pretraining leaves, the encoder beneath the head is read, as transformers' `AutoModel` does. */
const architectures = ['BertModel', 'BertForSequenceClassification', 'BertForMaskedLM', 'BertForPreTraining'];

function hasClassifier(json: JsonObject, file: string): boolean {
  const [name = 'BertModel'] = [json['architectures'] ?? []].flat();
  if (architectures.includes(name as string)) return name === 'BertForSequenceClassification';
  throw new LowrankError('model-unsupported', {
    given: `${file}: "architectures": ${JSON.stringify(json['architectures'])}`,
    rule: `lowrank reads these of the family: ${architectures.join(', ')}`,
    fix: 'take a model of one of them',
  });
}

/** Every module of a BERT in forward order, under Hugging Face's paths. */
export function bertSpecs(config: BertConfig): ModuleSpec[] {
  const { prefix, hiddenSize: hidden, intermediateSize, classNames } = config;
  const norm = (path: string): ModuleSpec => ({ path, kind: 'layer-norm', hidden, epsilon: config.normEpsilon });
  const table = (name: string, vocab: number): ModuleSpec => ({
    path: `${prefix}embeddings.${name}`,
    kind: 'embedding',
    vocab,
    hidden,
  });
  const linear = (
    path: string,
    from: number,
    to: number,
    rest: { head?: true; task?: true; optional?: true } = {},
  ): ModuleSpec => ({
    path,
    kind: 'linear',
    in: from,
    out: to,
    bias: true,
    ...rest,
  });
  const layer = (path: string): ModuleSpec[] => [
    linear(`${path}.attention.self.query`, hidden, hidden),
    linear(`${path}.attention.self.key`, hidden, hidden),
    linear(`${path}.attention.self.value`, hidden, hidden),
    linear(`${path}.attention.output.dense`, hidden, hidden),
    norm(`${path}.attention.output.LayerNorm`),
    linear(`${path}.intermediate.dense`, hidden, intermediateSize),
    linear(`${path}.output.dense`, intermediateSize, hidden),
    norm(`${path}.output.LayerNorm`),
  ];
  return [
    table('word_embeddings', config.vocabSize),
    table('position_embeddings', config.maxPositions),
    table('token_type_embeddings', config.typeVocabSize),
    norm(`${prefix}embeddings.LayerNorm`),
    ...Array.from({ length: config.layers }, (_, index) => layer(`${prefix}encoder.layer.${index}`)).flat(),
    linear(`${prefix}pooler.dense`, hidden, hidden, classNames ? { task: true } : { optional: true }),
    ...(classNames ? [linear('classifier', hidden, classNames.length, { head: true, task: true })] : []),
  ];
}

/** The head that words were guessed with in pretraining, and the one that told whether two sentences follow each other. */
const pretraining =
  /^cls\.(predictions\.(bias|decoder\.(weight|bias)|transform\.(dense|LayerNorm)\.(weight|bias|gamma|beta))|seq_relationship\.(weight|bias))$/;

/**
 * What a tensor of a BERT's files is called beneath `prefix`: with or without `bert.` before the encoder, and under the
 * names that TensorFlow gave to norms, as in bert-base-uncased. Undefined for a head of the pretraining.
 */
export function bertTensorName(stored: string, { prefix }: Pick<BertConfig, 'prefix'>): string | undefined {
  if (pretraining.test(stored)) return undefined;
  return stored
    .replace(/^(bert\.)?(?=(embeddings|encoder|pooler)\.)/, prefix)
    .replace(/\bLayerNorm\.gamma$/, 'LayerNorm.weight')
    .replace(/\bLayerNorm\.beta$/, 'LayerNorm.bias');
}
