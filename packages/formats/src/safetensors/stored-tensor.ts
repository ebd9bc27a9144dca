import type { Dtype } from './dtype.js';

/** A tensor as it lies in a safetensors file: its bytes, row-major and little-endian, in a dtype of their own. */
export interface StoredTensor {
  dtype: Dtype;
  shape: number[];
  bytes: Uint8Array;
}
