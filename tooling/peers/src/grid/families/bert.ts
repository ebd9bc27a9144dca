import { family } from '../base.js';

const shape = {
  vocab_size: 96,
  hidden_size: 24,
  intermediate_size: 40,
  num_hidden_layers: 2,
  num_attention_heads: 3,
  max_position_embeddings: 24,
  initializer_range: 0.2,
};
const encoder = family('bert', 'encoder', shape);
const classifier = family('bert', 'classifier', shape);

const activations = ['gelu_new', 'quick_gelu', 'relu', 'silu', 'tanh'];

export const berts = [
  encoder('encoder', {}, { adapted: true }),
  encoder('norm-eps', { layer_norm_eps: 0.05 }),
  encoder('one-head', { num_attention_heads: 1 }),
  encoder('three-types', { type_vocab_size: 3 }),
  encoder('masked-lm', {}, { savedAs: 'BertForMaskedLM' }),
  encoder('pretraining', {}, { savedAs: 'BertForPreTraining' }),
  classifier('classifier', { num_labels: 3 }, { adapted: true }),
  classifier('two-classes', { num_labels: 2 }),
  ...activations.map((name) => encoder(name.replaceAll('_', '-'), { hidden_act: name })),
  encoder('mish', { hidden_act: 'mish' }, { refused: 'hidden_act' }),
  encoder('decoder', { is_decoder: true }, { refused: 'is_decoder' }),
];
