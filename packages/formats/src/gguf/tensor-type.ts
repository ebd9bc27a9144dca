import type { Dtype } from '../safetensors/dtype.js';

/** How GGUF stores a tensor's values: blocks of `values` in `bytes`, each of which stands alone. */
export interface TensorType {
  values: number;
  bytes: number;
  /** The plain dtype of types that are not packed. */
  plain?: Dtype;
}

const plain = (bytes: number, dtype: Dtype): TensorType => ({ values: 1, bytes, plain: dtype });

/** By ggml's names; what is not here is refused by its number. */
export const tensorTypes = {
  F32: plain(4, 'F32'),
  F16: plain(2, 'F16'),
  BF16: plain(2, 'BF16'),
  F64: plain(8, 'F64'),
  I8: plain(1, 'I8'),
  I16: plain(2, 'I16'),
  I32: plain(4, 'I32'),
  I64: plain(8, 'I64'),
  Q4_0: { values: 32, bytes: 18 },
  Q4_1: { values: 32, bytes: 20 },
  Q5_0: { values: 32, bytes: 22 },
  Q5_1: { values: 32, bytes: 24 },
  Q8_0: { values: 32, bytes: 34 },
  Q4_K: { values: 256, bytes: 144 },
  Q5_K: { values: 256, bytes: 176 },
  Q6_K: { values: 256, bytes: 210 },
} as const satisfies Record<string, TensorType>;

export type GgufTensorType = keyof typeof tensorTypes;

/** The numbers that stand for them in a file. */
export const typeCodes: Record<GgufTensorType, number> = {
  F32: 0,
  F16: 1,
  Q4_0: 2,
  Q4_1: 3,
  Q5_0: 6,
  Q5_1: 7,
  Q8_0: 8,
  Q4_K: 12,
  Q5_K: 13,
  Q6_K: 14,
  I8: 24,
  I16: 25,
  I32: 26,
  I64: 27,
  F64: 28,
  BF16: 30,
};

const names = new Map(Object.entries(typeCodes).map(([name, code]) => [code, name as GgufTensorType]));

export function typeOfCode(code: number): GgufTensorType | undefined {
  return names.get(code);
}
