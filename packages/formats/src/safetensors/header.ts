import { LowrankError } from '@lowrank/core/plan';
import { parseJsonObject, type JsonObject } from '../io/json.js';
import { shown } from '../io/shown.js';
import type { ByteSource } from '../io/source.js';
import { dtypeBits, isDtype, type Dtype } from './dtype.js';

/** Where a tensor lies in its file. */
export interface TensorInfo {
  dtype: Dtype;
  shape: number[];
  /** First byte, counted from the start of the file. */
  offset: number;
  /** Length in bytes. */
  length: number;
}

export interface SafetensorsHeader {
  metadata: Record<string, string>;
  /** By name, in the order in which they lie in the file. */
  tensors: Map<string, TensorInfo>;
}

/** The reference implementation's limit, in bytes. */
export const largestHeader = 100_000_000;

/**
 * Reads and checks a safetensors header: 8 bytes of length, JSON, then the tensors' bytes without gap or overlap.
 * Throws `file-invalid` for anything that the reference implementation refuses, and for a name given twice.
 *
 * @see https://github.com/huggingface/safetensors#format
 */
export async function readHeader(source: ByteSource): Promise<SafetensorsHeader> {
  const { name, size } = source;
  if (size < 8) throw invalid(name, `a safetensors file has at least 8 bytes, this one has ${size}`);
  const prefix = await source.read(0, 8);
  const length = Number(new DataView(prefix.buffer, prefix.byteOffset).getBigUint64(0, true));
  if (length > largestHeader)
    throw invalid(name, `a header is at most ${largestHeader} bytes, this one says ${length}`);
  if (8 + length > size)
    throw invalid(name, `its header says ${length} bytes, the file has ${size - 8} after it starts`);
  const bytes = await source.read(8, length);
  if (bytes[0] !== 0x7b) throw invalid(name, 'its header does not start with "{"');
  const { __metadata__: metadata, ...entries } = parseJsonObject(`the header of ${name}`, bytes);
  // MLX writes null where it has none, and the reference takes it.
  return { metadata: checkMetadata(name, metadata ?? {}), tensors: checkTensors(source, 8 + length, entries) };
}

function checkMetadata(name: string, metadata: unknown): Record<string, string> {
  const plain = isObject(metadata) && Object.values(metadata).every((value) => typeof value === 'string');
  if (!plain) throw invalid(name, '__metadata__ in its header is not an object of texts');
  return metadata as Record<string, string>;
}

function checkTensors({ name, size }: ByteSource, start: number, entries: JsonObject): Map<string, TensorInfo> {
  const infos = Object.entries(entries).map(([key, entry]) => [key, checkEntry(`"${key}" in ${name}`, entry)] as const);
  infos.sort(([, left], [, right]) => left.offset - right.offset || left.length - right.length);
  const tensors = new Map<string, TensorInfo>();
  let end = 0;
  for (const [key, info] of infos) {
    if (info.offset !== end) throw invalid(`"${key}" in ${name}`, `it starts at ${info.offset} where ${end} is next`);
    end += info.length;
    tensors.set(key, { ...info, offset: start + info.offset });
  }
  if (start + end !== size) throw invalid(name, `its tensors end at byte ${start + end}, the file at ${size}`);
  return tensors;
}

/** One entry with its offset still counted from the end of the header. */
function checkEntry(given: string, entry: unknown): TensorInfo {
  if (!isObject(entry)) throw invalid(given, 'its entry is not an object');
  const { dtype, shape, data_offsets: offsets } = entry;
  if (!isDtype(dtype)) throw invalid(given, `its dtype ${shown(dtype)} is unknown`);
  if (!areCounts(shape)) throw invalid(given, 'its shape is not a list of whole numbers');
  if (!areCounts(offsets) || offsets.length !== 2) throw invalid(given, 'its data_offsets are not two whole numbers');
  const [begin, end] = offsets as [number, number];
  const length = byteLength(shape, dtype);
  if (!Number.isSafeInteger(length)) throw invalid(given, `${dtype} ${shown(shape)} is no whole number of bytes`);
  if (end - begin !== length) {
    throw invalid(given, `${dtype} ${shown(shape)} takes ${length} bytes, its data_offsets span ${end - begin}`);
  }
  return { dtype, shape, offset: begin, length };
}

/** NaN when any partial product leaves the safe integers. */
function byteLength(shape: number[], dtype: Dtype): number {
  let bits: number = dtypeBits[dtype];
  for (const side of shape) bits = Number.isSafeInteger(bits * side) ? bits * side : NaN;
  return bits / 8;
}

function areCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && (item as number) >= 0);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(given: string, rule: string): LowrankError {
  return new LowrankError('file-invalid', { given, rule, fix: 'get or make the file again' });
}
