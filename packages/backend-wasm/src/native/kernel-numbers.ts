/** The engine's kernels, by the numbers of native/kernels.ts. */
export const kernelNumbers = {
  nothing: 0,
  pack: 1,
  multiply: 2,
  add: 3,
  gelu: 4,
  softmax: 5,
  geluGradient: 6,
  exponential: 7,
  geluTanh: 8,
  geluTanhGradient: 9,
  swiglu: 10,
  swigluGradient: 11,
  norm: 12,
  normGradient: 13,
  normalisers: 14,
  crossEntropyGradient: 15,
  rotary: 16,
  adamw: 17,
  attention: 18,
  attentionGradient: 19,
  addGroups: 20,
  unpack: 21,
  dequantise: 22,
} as const;

export type KernelName = keyof typeof kernelNumbers;
