import type { PlainTensor } from '@lowrank/core/plan';
import type { FloatDtype } from './dtype.js';
import { encodeFloats } from './encode-floats.js';
import { encodeStored } from './encode-stored.js';
import type { StoredTensor } from './stored-tensor.js';

export interface EncodeOptions {
  /** Free texts for the header. */
  metadata?: Record<string, string>;
  /** What the values are rounded to: nearest, ties to even. Default F32, which keeps every bit. */
  dtype?: FloatDtype;
}

/**
 * The bytes of a safetensors file, laid out as the reference implementation does: tensors sorted by name
 * (all have one dtype), header padded with spaces to 8 bytes. The same tensors give the same bytes.
 * Throws `shape-mismatch` when shape and data disagree, `not-finite` when a finite value overflows `dtype`.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, PlainTensor>,
  { metadata = {}, dtype = 'F32' }: EncodeOptions = {},
): Uint8Array {
  const stored = new Map<string, StoredTensor>();
  for (const [name, tensor] of tensors) {
    stored.set(name, { dtype, shape: tensor.shape, bytes: encodeFloats(name, tensor, dtype) });
  }
  return encodeStored(stored, metadata);
}
