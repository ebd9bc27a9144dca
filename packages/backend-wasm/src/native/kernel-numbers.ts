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
} as const;

export type KernelName = keyof typeof kernelNumbers;
