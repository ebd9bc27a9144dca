import type { PlainTensor } from '@lowrank/core/plan';
import type { FloatDtype } from '../safetensors/dtype.js';
import { encodeFloats } from '../safetensors/encode-floats.js';
import { defaultAlignment, magic } from './header.js';
import { typeCodes } from './tensor-type.js';
import { valueCodes } from './value.js';

/** A metadata value with the type that it gets in the file. */
export type GgufField = { string: string } | { float32: number };

/**
 * The bytes of a GGUF file, version 3, in the order given. The same input gives the same bytes.
 * Throws `shape-mismatch` when shape and data disagree, `not-finite` when a finite value overflows `dtype`.
 */
export function encodeGguf(
  fields: ReadonlyMap<string, GgufField>,
  tensors: ReadonlyMap<string, PlainTensor>,
  dtype: FloatDtype,
): Uint8Array {
  const data = Array.from(tensors, ([name, tensor]) => encodeFloats(name, tensor, dtype));
  const header = [u32(magic), u32(3), u64(tensors.size), u64(fields.size)];
  for (const [name, field] of fields) header.push(text(name), ...encodeField(field));
  let end = 0;
  for (const [index, [name, { shape }]] of [...tensors].entries()) {
    header.push(text(name), u32(shape.length), ...shape.toReversed().map(u64), u32(typeCodes[dtype]), u64(end));
    end = aligned(end + (data[index] as Uint8Array).length);
  }
  const start = aligned(header.reduce((size, part) => size + part.length, 0));
  const file = new Uint8Array(start + end);
  let at = 0;
  for (const part of header) {
    file.set(part, at);
    at += part.length;
  }
  at = start;
  for (const part of data) {
    file.set(part, at);
    at = aligned(at + part.length);
  }
  return file;
}

function encodeField(field: GgufField): Uint8Array[] {
  if ('string' in field) return [u32(valueCodes.string), text(field.string)];
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, field.float32, true);
  return [u32(valueCodes.float32), bytes];
}

function aligned(byte: number): number {
  return Math.ceil(byte / defaultAlignment) * defaultAlignment;
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function u64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
  return bytes;
}

function text(value: string): Uint8Array {
  const bytes = new TextEncoder().encode(value);
  const out = new Uint8Array(8 + bytes.length);
  out.set(u64(bytes.length));
  out.set(bytes, 8);
  return out;
}
