/** What a feed-forward block puts between its linears, by Hugging Face's words. */
export const activationNames = [
  'gelu',
  'gelu_new',
  'gelu_pytorch_tanh',
  'gelu_fast',
  'quick_gelu',
  'relu',
  'silu',
  'swish',
  'tanh',
] as const;

export type Activation = (typeof activationNames)[number];
