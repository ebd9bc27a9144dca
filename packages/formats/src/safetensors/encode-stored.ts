import { invariant, LowrankError } from '@lowrank/core';
import { dtypeBits } from './dtype.js';
import { largestHeader } from './header.js';
import type { StoredTensor } from './stored-tensor.js';

/**
 * The bytes of a safetensors file, laid out as the reference implementation does: tensors of the widest dtype first,
 * then by name; header padded with spaces to 8 bytes. The same tensors give the same bytes.
 * Throws `shape-mismatch` when a shape and its bytes disagree.
 */
export function encodeStored(
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const sorted = [...tensors].sort(
    ([left, { dtype: one }], [right, { dtype: other }]) =>
      dtypeOrder.indexOf(other) - dtypeOrder.indexOf(one) || byCodePoint(left, right),
  );
  for (const [name, tensor] of sorted) checkSize(name, tensor);
  const header = encodeHeader(sorted, metadata);
  const file = new Uint8Array(sorted.reduce((size, [, { bytes }]) => size + bytes.length, header.length));
  file.set(header);
  let offset = header.length;
  for (const [, { bytes }] of sorted) {
    file.set(bytes, offset);
    offset += bytes.length;
  }
  return file;
}

/** As the reference declares them, which is the order that it sorts by. */
const dtypeOrder = Object.keys(dtypeBits);

function checkSize(name: string, { dtype, shape, bytes }: StoredTensor): void {
  const bits = shape.reduce((product, side) => product * side, dtypeBits[dtype]);
  if (bits === 8 * bytes.length && name !== '__metadata__') return;
  throw new LowrankError('shape-mismatch', {
    given: `tensor "${name}" of ${dtype} and shape [${shape.join(', ')}] with ${bytes.length} bytes`,
    rule: 'shape and values must agree, and the name must not be __metadata__',
    fix: 'give each tensor its own shape',
  });
}

function encodeHeader(sorted: [string, StoredTensor][], metadata: Readonly<Record<string, string>>): Uint8Array {
  const entries: [string, unknown][] = [];
  const texts = Object.entries(metadata).sort(([left], [right]) => byCodePoint(left, right));
  if (texts.length > 0) entries.push(['__metadata__', Object.fromEntries(texts)]);
  let end = 0;
  for (const [name, { dtype, shape, bytes }] of sorted) {
    const begin = end;
    end += bytes.length;
    entries.push([name, { dtype, shape, data_offsets: [begin, end] }]);
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

/** The order of UTF-8 bytes, which the reference sorts by; `<` on texts compares UTF-16 units. */
function byCodePoint(left: string, right: string): number {
  const [ours, theirs] = [Array.from(left), Array.from(right)];
  const at = ours.findIndex((sign, index) => sign !== theirs[index]);
  if (at === -1) return ours.length - theirs.length;
  return (ours[at]?.codePointAt(0) ?? 0) - (theirs[at]?.codePointAt(0) ?? -1);
}
