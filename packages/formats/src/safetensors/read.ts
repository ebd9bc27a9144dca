import { LowrankError, nearest, type PlainTensor } from '@lowrank/core/plan';
import type { ByteSource } from '../io/source.js';
import type { Dtype } from './dtype.js';
import { readHeader, type TensorInfo } from './header.js';
import type { StoredTensor } from './stored-tensor.js';
import { widened } from './widen.js';

/** An open safetensors file: its header is checked and in memory, tensors are read when asked for. */
export interface SafetensorsFile {
  /** What messages call it. */
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** By name, in the order in which they lie in the file. */
  readonly tensors: ReadonlyMap<string, { readonly dtype: Dtype; readonly shape: readonly number[] }>;
  /** One tensor, widened to float32; the caller owns its array. Throws `file-invalid` for a name it lacks. */
  read(name: string): Promise<PlainTensor>;
  /** One tensor as it lies in the file; the caller owns its bytes. */
  readStored(name: string): Promise<StoredTensor>;
  /** Every tensor. */
  readAll(): Promise<Map<string, PlainTensor>>;
  /** Closes the source. */
  close(): Promise<void>;
}

/** Opens a safetensors file. Throws `file-invalid`, and closes the source, when anything in its header is amiss. */
export async function openSafetensors(source: ByteSource): Promise<SafetensorsFile> {
  try {
    const { metadata, tensors } = await readHeader(source);
    const readStored = (name: string) => readTensor(source, tensors, name);
    const read = async (name: string) => widened(`"${name}" in ${source.name}`, await readStored(name));
    const readAll = async () => {
      const all = new Map<string, PlainTensor>();
      for (const name of tensors.keys()) all.set(name, await read(name));
      return all;
    };
    return { name: source.name, metadata, tensors, read, readStored, readAll, close: () => source.close() };
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function readTensor(source: ByteSource, tensors: Map<string, TensorInfo>, name: string): Promise<StoredTensor> {
  const info = tensors.get(name);
  if (!info) {
    throw new LowrankError('file-invalid', {
      given: source.name,
      rule: `it has no tensor "${name}"`,
      fix: `nearest here: ${nearest(name, tensors.keys()).join(', ')}`,
    });
  }
  return { dtype: info.dtype, shape: [...info.shape], bytes: await source.read(info.offset, info.length) };
}
