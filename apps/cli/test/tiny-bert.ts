import { randomFloats } from '@lowrank/core';
import { encodeSafetensors } from '@lowrank/formats';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const [hidden, inner, layers, positions] = [32, 64, 2, 64];

export interface TinyBert {
  /** Gives it a pooler and a head of its own, for these classes. */
  classNames?: string[];
}

/** Writes a BERT of two layers with random weights, whose vocabulary is the words of `texts`; without a pooler. */
export async function writeTinyBert(folder: string, texts: string[], { classNames }: TinyBert = {}): Promise<string> {
  const words = [...new Set(texts.flatMap((text) => text.toLowerCase().match(/\w+|[^\w\s]/g) ?? []))].sort();
  const vocab = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', ...words];
  await mkdir(folder, { recursive: true });
  const json = (name: string, object: object) => writeFile(join(folder, name), JSON.stringify(object));
  await json('config.json', {
    architectures: [classNames ? 'BertForSequenceClassification' : 'BertModel'],
    model_type: 'bert',
    vocab_size: vocab.length,
    hidden_size: hidden,
    intermediate_size: inner,
    num_hidden_layers: layers,
    num_attention_heads: 4,
    max_position_embeddings: positions,
    initializer_range: 0.1,
    ...(classNames && { id2label: Object.assign({}, classNames) }),
  });
  await json('tokenizer.json', tokenizer(vocab));
  await json('tokenizer_config.json', { tokenizer_class: 'BertTokenizer' });
  await writeFile(join(folder, 'model.safetensors'), encodeSafetensors(weights(vocab.length, classNames?.length)));
  return folder;
}

function weights(vocab: number, classes?: number) {
  const prefix = classes === undefined ? '' : 'bert.';
  const shapes: Record<string, number[]> = {
    [`${prefix}embeddings.word_embeddings.weight`]: [vocab, hidden],
    [`${prefix}embeddings.position_embeddings.weight`]: [positions, hidden],
    [`${prefix}embeddings.token_type_embeddings.weight`]: [2, hidden],
    ...norm(`${prefix}embeddings.LayerNorm`),
  };
  for (let layer = 0; layer < layers; layer++) {
    const at = `${prefix}encoder.layer.${layer}`;
    for (const name of ['self.query', 'self.key', 'self.value', 'output.dense']) {
      Object.assign(shapes, linear(`${at}.attention.${name}`, hidden, hidden));
    }
    Object.assign(shapes, norm(`${at}.attention.output.LayerNorm`), norm(`${at}.output.LayerNorm`));
    Object.assign(
      shapes,
      linear(`${at}.intermediate.dense`, hidden, inner),
      linear(`${at}.output.dense`, inner, hidden),
    );
  }
  if (classes !== undefined) {
    Object.assign(shapes, linear('bert.pooler.dense', hidden, hidden), linear('classifier', hidden, classes));
  }
  const entries = Object.entries(shapes).map(([name, shape], seed) => {
    const count = shape.reduce((product, side) => product * side, 1);
    const draws = randomFloats(count, { distribution: 'normal', seed }).map((value) => 0.3 * value);
    const data = name.endsWith('Norm.weight') ? draws.fill(1) : draws;
    return [name, { shape, data }] as const;
  });
  return new Map(entries);
}

const norm = (path: string) => ({ [`${path}.weight`]: [hidden], [`${path}.bias`]: [hidden] });

const linear = (path: string, from: number, to: number) => ({ [`${path}.weight`]: [to, from], [`${path}.bias`]: [to] });

function tokenizer(vocab: string[]): object {
  const special = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
  const sequence = (id: string, type: number) => ({ Sequence: { id, type_id: type } });
  const ids = (id: string) => ({ id, ids: [vocab.indexOf(id)], tokens: [id] });
  return {
    version: '1.0',
    added_tokens: [],
    normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, lowercase: true },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [special('[CLS]'), sequence('A', 0), special('[SEP]')],
      pair: [special('[CLS]'), sequence('A', 0), special('[SEP]'), sequence('B', 1), special('[SEP]')],
      special_tokens: { '[CLS]': ids('[CLS]'), '[SEP]': ids('[SEP]') },
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocab.map((token, id) => [token, id])),
    },
  };
}
