import { invariant, LowrankError } from '@lowrank/core/plan';
import { dtypeBits, type Dtype } from './dtype.js';
import { largestHeader } from './header.js';

/** What a tensor's place in a file depends on. */
export interface TensorKind {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
}

export interface SafetensorsLayout {
  /** The file's first bytes: a length, JSON, and spaces up to a multiple of 8. */
  header: Uint8Array;
  /** The tensors in the order in which they follow, and the bytes of each. */
  lengths: Map<string, number>;
}

/**
 * Lays out a safetensors file as the reference implementation does: tensors of the widest dtype first, then by name;
 * metadata by key. The same tensors get the same places. Throws `shape-mismatch` for a tensor of no whole bytes or
 * named `__metadata__`.
 */
export function layOut(
  tensors: ReadonlyMap<string, TensorKind>,
  metadata: Readonly<Record<string, string>>,
): SafetensorsLayout {
  const sorted = [...tensors].sort(
    ([left, { dtype: one }], [right, { dtype: other }]) =>
      dtypeOrder.indexOf(other) - dtypeOrder.indexOf(one) || byCodePoint(left, right),
  );
  const lengths = new Map(sorted.map(([name, kind]) => [name, byteLength(name, kind)]));
  return { header: encodeHeader(sorted, lengths, metadata), lengths };
}

/** As the reference declares them, which is the order that it sorts by. */
const dtypeOrder = Object.keys(dtypeBits);

function byteLength(name: string, { dtype, shape }: TensorKind): number {
  const bytes = shape.reduce((product, side) => product * side, dtypeBits[dtype]) / 8;
  if (Number.isSafeInteger(bytes) && name !== '__metadata__') return bytes;
  throw new LowrankError('shape-mismatch', {
    given: `tensor "${name}" of ${dtype} and shape [${shape.join(', ')}]`,
    rule: 'a tensor takes a whole number of bytes, and its name must not be __metadata__',
    fix: 'give it another name or shape',
  });
}

function encodeHeader(
  sorted: [string, TensorKind][],
  lengths: ReadonlyMap<string, number>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const entries: [string, unknown][] = [];
  const texts = Object.entries(metadata).sort(([left], [right]) => byCodePoint(left, right));
  if (texts.length > 0) entries.push(['__metadata__', Object.fromEntries(texts)]);
  let end = 0;
  for (const [name, { dtype, shape }] of sorted) {
    const begin = end;
    end += lengths.get(name) as number;
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
