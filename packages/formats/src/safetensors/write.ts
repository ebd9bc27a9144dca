import { invariant, LowrankError, type PlainTensor } from '@lowrank/core';
import type { FloatDtype } from './dtype.js';
import { narrowToBf16, narrowToF16 } from './half.js';
import { largestHeader } from './header.js';

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
  const names = [...tensors.keys()].sort(byCodePoint);
  const parts = names.map((name) => encodeTensor(name, tensors.get(name) as PlainTensor, dtype));
  const header = encodeHeader(names, tensors, parts, { metadata, dtype });
  const file = new Uint8Array(parts.reduce((size, part) => size + part.length, header.length));
  file.set(header);
  let offset = header.length;
  for (const part of parts) {
    file.set(part, offset);
    offset += part.length;
  }
  return file;
}

function encodeHeader(
  names: string[],
  tensors: ReadonlyMap<string, PlainTensor>,
  parts: Uint8Array[],
  { metadata, dtype }: Required<EncodeOptions>,
): Uint8Array {
  const entries: [string, unknown][] = [];
  const texts = Object.entries(metadata).sort(([left], [right]) => byCodePoint(left, right));
  if (texts.length > 0) entries.push(['__metadata__', Object.fromEntries(texts)]);
  let end = 0;
  for (const [index, name] of names.entries()) {
    const begin = end;
    end += (parts[index] as Uint8Array).length;
    entries.push([name, { dtype, shape: tensors.get(name)?.shape, data_offsets: [begin, end] }]);
  }
  // Joined by hand: an object would move names that look like numbers to the front.
  const json = `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`;
  const text = new TextEncoder().encode(json);
  const length = Math.ceil(text.length / 8) * 8;
  invariant(length <= largestHeader, `a safetensors header of ${length} bytes could not be read back`);
  const header = new Uint8Array(8 + length).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(text, 8);
  return header;
}

function encodeTensor(name: string, { shape, data }: PlainTensor, dtype: FloatDtype): Uint8Array {
  const count = shape.reduce((product, side) => product * side, 1);
  if (count !== data.length || name === '__metadata__') {
    throw new LowrankError('shape-mismatch', {
      given: `tensor "${name}" of shape [${shape.join(', ')}] with ${data.length} values`,
      rule: 'shape and values must agree, and the name must not be __metadata__',
      fix: 'give each tensor its own shape',
    });
  }
  if (dtype === 'F32') return bytesOf(data);
  const codes = dtype === 'F16' ? narrowToF16(data) : narrowToBf16(data);
  refuseOverflow(name, data, codes, dtype);
  return bytesOf(codes);
}

function refuseOverflow(name: string, values: Float32Array, codes: Uint16Array, dtype: 'F16' | 'BF16'): void {
  const infinity = dtype === 'F16' ? 0x7c00 : 0x7f80;
  const index = codes.findIndex((code, at) => (code & 0x7fff) === infinity && Number.isFinite(values[at]));
  if (index === -1) return;
  throw new LowrankError('not-finite', {
    given: `tensor "${name}" holds ${values[index]} at ${index}`,
    rule: `it would be infinite in ${dtype}`,
    fix: dtype === 'F16' ? 'write BF16 or F32' : 'write F32',
  });
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** The order of UTF-8 bytes, which the reference sorts by; `<` on texts compares UTF-16 units. */
function byCodePoint(left: string, right: string): number {
  const [ours, theirs] = [Array.from(left), Array.from(right)];
  const at = ours.findIndex((sign, index) => sign !== theirs[index]);
  if (at === -1) return ours.length - theirs.length;
  return (ours[at]?.codePointAt(0) ?? 0) - (theirs[at]?.codePointAt(0) ?? -1);
}
