/** How far a backend may be from float64: `atol + rtol · max|expected|` for each value of a tensor. */
export interface Tolerance {
  atol: number;
  rtol: number;
  /** Why this much and not less. */
  because: string;
}

/** What each op is held to; the inputs of the cases are of size 1 unless their titles say otherwise. */
export const tolerances = {
  frozenLinear: { atol: 1e-6, rtol: 1e-6, because: 'float32 sums of up to 1,024 products, in any order' },
  loraLinear: { atol: 2e-6, rtol: 2e-6, because: 'two chained float32 products, each a sum in any order' },
  frozenConv: { atol: 3e-6, rtol: 3e-6, because: 'float32 sums of up to 600 products, in any order' },
  loraConv: { atol: 6e-6, rtol: 6e-6, because: 'two chained float32 convolutions, each a sum in any order' },
  trainedConv: { atol: 3e-6, rtol: 3e-6, because: 'float32 sums of up to 600 products, in any order' },
  loraEmbedding: { atol: 2e-6, rtol: 2e-6, because: 'a float32 product, and sums over the places of an id' },
  dora: { atol: 4e-6, rtol: 4e-6, because: 'two chained float32 products over the root of a sum of three' },
  layerNorm: { atol: 2e-6, rtol: 2e-6, because: 'a mean, a mean of squares and a reciprocal root in float32' },
  rmsNorm: { atol: 2e-6, rtol: 2e-6, because: 'a mean of squares and a reciprocal root in float32' },
  gelu: { atol: 2e-6, rtol: 1e-6, because: "tfjs's error function is a polynomial that is within 1.5e-7" },
  swiglu: { atol: 1e-6, rtol: 1e-6, because: 'one exponential and one quotient in float32' },
  rotary: { atol: 5e-7, rtol: 5e-7, because: 'two products and a sum in float32' },
  residual: { atol: 1e-7, rtol: 1e-7, because: 'one float32 rounding' },
  attention: { atol: 6e-6, rtol: 6e-6, because: 'a softmax, within four roundings, between two float32 products' },
  windowedAttention: { atol: 6e-6, rtol: 6e-6, because: 'attention over fewer keys' },
  crossEntropy: { atol: 3e-6, rtol: 3e-6, because: 'a logarithm of a sum of up to 50,257 exponentials in float32' },
  embeddingLookup: { atol: 0, rtol: 0, because: 'rows are copied; a packed value is one float32 product' },
  dequantise: { atol: 0, rtol: 0, because: 'a code times its scale is one float32 product, rounded once' },
  adamw: { atol: 1e-6, rtol: 1e-6, because: 'a root and a quotient in float32' },
  dropout: { atol: 2e-7, rtol: 2e-7, because: 'one float32 product' },
  deltaWeight: { atol: 1e-6, rtol: 1e-6, because: 'a float32 sum of up to 16 products' },
  trainingStep: { atol: 2e-5, rtol: 2e-5, because: 'two layers forward and back in float32, over several updates' },
} satisfies Record<string, Tolerance>;

const composedAlways: Op[] = [
  'frozenConv',
  'loraConv',
  'trainedConv',
  'loraEmbedding',
  'dora',
  'dropout',
  'deltaWeight',
  'trainingStep',
];

/** Whether a backend may bring a kernel of its own for it. */
export function hasKernel(op: Op): boolean {
  return !composedAlways.includes(op);
}

/** A row of the table: an op or an adapter of `@lowrank/core`, or a whole training step. */
export type Op = keyof typeof tolerances;
