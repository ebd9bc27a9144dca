import type { ByteSource } from '../io/source.js';
import { Cursor, NeedsMore } from './cursor.js';
import { tensorTypes, typeOfCode, type GgufTensorType } from './tensor-type.js';
import { readValue, type GgufValue } from './value.js';

/** Where a tensor lies in its file. */
export interface GgufTensorInfo {
  type: GgufTensorType;
  /** Slowest side first, as everywhere but in GGUF: a linear's weight is `[out, in]`. */
  shape: number[];
  /** First byte, counted from the start of the file. */
  offset: number;
  /** Length in bytes. */
  length: number;
}

export interface GgufHeader {
  metadata: Map<string, GgufValue>;
  /** By name, in the order in which they lie in the file. */
  tensors: Map<string, GgufTensorInfo>;
}

export const magic = 0x46554747; // "GGUF"
export const defaultAlignment = 32;

/** Ours, in bytes: tokenizers take some megabytes. */
const largestHeader = 2 ** 27;
const firstRead = 2 ** 16;

/**
 * Reads and checks a GGUF file's metadata and list of tensors (versions 2 and 3, little-endian). Tensors must lie as
 * llama.cpp demands: in order, each at the next aligned byte, and the file must end with the last.
 * Throws `file-invalid`.
 *
 * @see https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
export async function readGgufHeader(source: ByteSource): Promise<GgufHeader> {
  const { name, size } = source;
  let length = Math.min(size, firstRead);
  for (;;) {
    const cursor = new Cursor(name, await source.read(0, length), size);
    try {
      return parse(cursor, size);
    } catch (error) {
      if (!(error instanceof NeedsMore)) throw error;
      if (error.length > largestHeader) throw cursor.invalid(`its header is longer than ${largestHeader} bytes`);
      length = Math.min(size, Math.max(error.length, 4 * length));
    }
  }
}

function parse(cursor: Cursor, size: number): GgufHeader {
  if (cursor.u32() !== magic) throw cursor.invalid('it does not start with "GGUF"');
  const version = cursor.u32();
  if (version !== 2 && version !== 3) {
    throw cursor.invalid(`lowrank reads GGUF of version 2 or 3, little-endian; this is ${version}`);
  }
  const tensorCount = cursor.count('tensors', leastTensor);
  const valueCount = cursor.count('metadata values', leastValue);
  const metadata = new Map<string, GgufValue>();
  while (metadata.size < valueCount) {
    const key = cursor.text('the name of a metadata value');
    if (metadata.has(key)) throw cursor.invalid(`the metadata value "${key}" is given twice`);
    metadata.set(key, readValue(cursor, `the metadata value "${key}"`));
  }
  const alignment = checkAlignment(cursor, metadata.get('general.alignment') ?? defaultAlignment);
  const tensors = new Map<string, GgufTensorInfo>();
  while (tensors.size < tensorCount) {
    const name = cursor.text('the name of a tensor');
    if (tensors.has(name)) throw cursor.invalid(`the tensor "${name}" is given twice`);
    tensors.set(name, readInfo(cursor, `"${name}"`));
  }
  placeTensors(cursor, tensors, alignment, size);
  return { metadata, tensors };
}

/** Name, count of sides, type and offset; name, type and one byte. */
const [leastTensor, leastValue] = [24, 13];

function checkAlignment(cursor: Cursor, value: GgufValue): number {
  if (typeof value === 'number' && value > 0 && value <= 2 ** 20 && Number.isInteger(Math.log2(value))) return value;
  throw cursor.invalid('its "general.alignment" is no power of two up to 2^20');
}

/** One entry, its offset still counted from the first tensor. */
function readInfo(cursor: Cursor, given: string): GgufTensorInfo {
  const sides = cursor.u32();
  if (sides > 4) throw cursor.invalid(`${given} has ${sides} sides, more than 4`);
  const shape = Array.from({ length: sides }, () => Number(cursor.u64())).reverse();
  if (!shape.every(Number.isSafeInteger)) throw cursor.invalid(`${given} of [${shape.join(', ')}] is too large`);
  const code = cursor.u32();
  const type = typeOfCode(code);
  if (type === undefined) {
    throw cursor.invalid(`${given} is of type ${code}; lowrank reads ${Object.keys(tensorTypes).join(', ')}`);
  }
  const length = byteLength(cursor, given, type, shape);
  return { type, shape, offset: Number(cursor.u64()), length };
}

function byteLength(cursor: Cursor, given: string, type: GgufTensorType, shape: number[]): number {
  const { values, bytes } = tensorTypes[type];
  const columns = shape.at(-1) ?? 1;
  if (columns % values !== 0)
    throw cursor.invalid(`${given} has rows of ${columns}; ${type} packs ${values} at a time`);
  let length = bytes / values;
  for (const side of shape) length *= side;
  if (!Number.isSafeInteger(length)) throw cursor.invalid(`${given} of [${shape.join(', ')}] is too large`);
  return length;
}

function placeTensors(cursor: Cursor, tensors: Map<string, GgufTensorInfo>, alignment: number, size: number): void {
  const aligned = (byte: number) => Math.ceil(byte / alignment) * alignment;
  if (tensors.size === 0) return;
  const start = aligned(cursor.at);
  let end = 0;
  for (const [name, info] of tensors) {
    const next = aligned(end);
    if (info.offset !== next) throw cursor.invalid(`"${name}" starts at ${info.offset} where ${next} is next`);
    end = next + info.length;
    if (start + end > size) throw cursor.invalid(`"${name}" ends at byte ${start + end}, the file at ${size}`);
    info.offset += start;
  }
  if (start + aligned(end) < size) {
    throw cursor.invalid(`its tensors end at byte ${start + aligned(end)}, the file at ${size}`);
  }
}
