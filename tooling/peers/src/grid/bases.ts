/** What is put on a base: logits of the next token, an encoder's states, or logits of classes. */
export type Head = 'causal' | 'encoder' | 'classifier';

/** A randomly initialised model of a few thousand weights. */
export interface Base {
  /** `<family>/<what is special about it>`. */
  name: string;
  head: Head;
  /** Keys of `config.json` that differ from Transformers' defaults. */
  config: Record<string, unknown>;
  /** Adapters are made on it too. */
  adapted?: boolean;
  /** What lowrank must name when it refuses the config, for what it does not do. */
  refused?: string;
}

const llamaShape = {
  model_type: 'llama',
  vocab_size: 96,
  hidden_size: 24,
  intermediate_size: 40,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 64,
  initializer_range: 0.2,
  bos_token_id: 0,
  eos_token_id: 0,
};

const llama = (special: string, config: Record<string, unknown>, more: Partial<Base> = {}): Base => ({
  name: `llama/${special}`,
  head: 'causal',
  config: { ...llamaShape, ...config },
  ...more,
});

const bert = (special: string, config: Record<string, unknown>, more: Partial<Base> = {}): Base => ({
  name: `bert/${special}`,
  head: 'encoder',
  config: {
    model_type: 'bert',
    vocab_size: 96,
    hidden_size: 24,
    intermediate_size: 40,
    num_hidden_layers: 2,
    num_attention_heads: 3,
    max_position_embeddings: 24,
    initializer_range: 0.2,
    ...config,
  },
  ...more,
});

const ropeOf = (parameters: Record<string, unknown>) => ({ rope_parameters: { rope_theta: 10000, ...parameters } });

/** Every family and option of a config that changes what is computed. */
export const bases: Base[] = [
  llama('gqa', {}, { adapted: true }),
  llama('mqa', { num_key_value_heads: 1 }),
  llama('mha', { num_key_value_heads: 4 }),
  llama('gqa-3', { num_attention_heads: 6, num_key_value_heads: 2, head_dim: 4 }),
  llama('tied', { tie_word_embeddings: true }, { adapted: true }),
  llama('biased', { attention_bias: true, mlp_bias: true }, { adapted: true }),
  llama('attention-biased', { attention_bias: true }),
  llama('mlp-biased', { mlp_bias: true }),
  llama('wide-heads', { head_dim: 10 }),
  llama('norm-eps', { rms_norm_eps: 0.05 }),
  llama('rope-theta', ropeOf({ rope_type: 'default', rope_theta: 500 })),
  llama('one-layer', { num_hidden_layers: 1 }),
  llama('rope-linear', ropeOf({ rope_type: 'linear', factor: 4 }), { refused: 'rope_type' }),
  llama('rope-dynamic', ropeOf({ rope_type: 'dynamic', factor: 2 }), { refused: 'rope_type' }),
  llama('rope-yarn', ropeOf({ rope_type: 'yarn', factor: 4, original_max_position_embeddings: 16 }), {
    refused: 'rope_type',
  }),
  llama(
    'rope-llama3',
    ropeOf({
      rope_type: 'llama3',
      factor: 8,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 16,
    }),
    { refused: 'rope_type' },
  ),
  llama('gelu', { hidden_act: 'gelu' }, { refused: 'hidden_act' }),
  bert('encoder', {}, { adapted: true }),
  bert('norm-eps', { layer_norm_eps: 0.05 }),
  bert('one-head', { num_attention_heads: 1 }),
  bert('three-types', { type_vocab_size: 3 }),
  bert('classifier', { num_labels: 3 }, { head: 'classifier', adapted: true }),
  bert('two-classes', { num_labels: 2 }, { head: 'classifier' }),
  bert('relu', { hidden_act: 'relu' }, { refused: 'hidden_act' }),
  bert('decoder', { is_decoder: true }, { refused: 'is_decoder' }),
];

/** The part of a base's name that says its family. */
export function familyOf({ name }: Pick<Base, 'name'>): string {
  return name.split('/')[0] as string;
}
