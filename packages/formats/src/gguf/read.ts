import { LowrankError, nearest, type PlainTensor } from '@lowrank/core/plan';
import type { ByteSource } from '../io/source.js';
import { widen } from '../safetensors/widen.js';
import { dequantiseGguf, type PackedType } from './dequantise.js';
import { readGgufHeader, type GgufTensorInfo } from './header.js';
import { tensorTypes, type GgufTensorType, type TensorType } from './tensor-type.js';
import type { GgufValue } from './value.js';

/** An open GGUF file: its header is checked and in memory, tensors are read when asked for. */
export interface GgufFile {
  /** What messages call it. */
  readonly name: string;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  /** By name, in the order in which they lie in the file; shapes slowest side first, so `[out, in]`. */
  readonly tensors: ReadonlyMap<string, { readonly type: GgufTensorType; readonly shape: readonly number[] }>;
  /** One tensor, dequantised to float32; the caller owns its array. Throws `file-invalid` for a name it lacks. */
  read(name: string): Promise<PlainTensor>;
  /** One tensor as it lies in the file, still packed; the caller owns its bytes. */
  readStored(name: string): Promise<StoredGgufTensor>;
  /** Closes the source. */
  close(): Promise<void>;
}

/** A tensor as it lies in a GGUF file. */
export interface StoredGgufTensor {
  type: GgufTensorType;
  shape: number[];
  bytes: Uint8Array;
}

/**
 * Opens a GGUF file (version 2 or 3). Throws `file-invalid`, and closes the source, when anything in its header is
 * amiss: counts that the file cannot hold, names given twice, tensors that overlap or leave the file.
 */
export async function openGguf(source: ByteSource): Promise<GgufFile> {
  try {
    const { metadata, tensors } = await readGgufHeader(source);
    const readStored = async (name: string) => {
      const { type, shape, offset, length } = infoOf(source, tensors, name);
      return { type, shape: [...shape], bytes: await source.read(offset, length) };
    };
    const read = async (name: string) => unpackGguf(`"${name}" in ${source.name}`, await readStored(name));
    return { name: source.name, metadata, tensors, read, readStored, close: () => source.close() };
  } catch (error) {
    await source.close();
    throw error;
  }
}

/**
 * A stored tensor's values in float32, owned by the caller. Throws `file-invalid` for integers that float32 would change.
 *
 * @param given what messages call the tensor
 */
export function unpackGguf(given: string, { type, shape, bytes }: StoredGgufTensor): PlainTensor {
  const { plain }: TensorType = tensorTypes[type];
  return { shape, data: plain ? widen(given, plain, bytes) : dequantiseGguf(type as PackedType, bytes) };
}

function infoOf(source: ByteSource, tensors: Map<string, GgufTensorInfo>, name: string): GgufTensorInfo {
  const info = tensors.get(name);
  if (info) return info;
  throw new LowrankError('file-invalid', {
    given: source.name,
    rule: `it has no tensor "${name}"`,
    fix: `nearest here: ${nearest(name, tensors.keys()).join(', ')}`,
  });
}
