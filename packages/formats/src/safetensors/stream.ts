import type { PlainTensor } from '@lowrank/core/plan';
import type { ByteSink } from '../io/sink.js';
import type { FloatDtype } from './dtype.js';
import { encodeFloats } from './encode-floats.js';
import { checkLength } from './encode-stored.js';
import { layOut } from './layout.js';
import type { EncodeOptions } from './write.js';

/** A tensor whose values are made when its turn comes. */
export interface LazyTensor {
  readonly shape: readonly number[];
  read(): Promise<PlainTensor>;
}

/**
 * Writes a safetensors file tensor after tensor: the header first, then each tensor as it is read, so that memory
 * holds one. The bytes are those of `encodeSafetensors`. Does not finish or commit the sink.
 * Throws `file-unwritable`, `shape-mismatch` for a tensor that is read in another shape, `not-finite` for a finite
 * value that overflows `dtype`, and what a tensor's `read` throws.
 */
export async function streamSafetensors(
  sink: Pick<ByteSink, 'write'>,
  tensors: ReadonlyMap<string, LazyTensor>,
  { metadata = {}, dtype = 'F32' }: EncodeOptions = {},
): Promise<void> {
  const kinds = new Map(Array.from(tensors, ([name, { shape }]) => [name, { dtype, shape }]));
  const { header, lengths } = layOut(kinds, metadata);
  await sink.write(header);
  for (const [name, length] of lengths) {
    await sink.write(await encodeLazy(name, tensors.get(name) as LazyTensor, dtype, length));
  }
}

async function encodeLazy(name: string, lazy: LazyTensor, dtype: FloatDtype, length: number): Promise<Uint8Array> {
  const bytes = encodeFloats(name, await lazy.read(), dtype);
  checkLength(name, { dtype, shape: [...lazy.shape], bytes }, length);
  return bytes;
}
