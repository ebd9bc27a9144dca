import type { Cursor } from './cursor.js';

/**
 * A value of GGUF's metadata. 64-bit integers are numbers where they are exact; lists of numbers are typed arrays of
 * the file's own type.
 */
export type GgufValue = string | boolean | number | bigint | string[] | boolean[] | GgufNumbers;

export type GgufNumbers =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | BigUint64Array
  | BigInt64Array
  | Float64Array;

/** The numbers that stand for a value's type in a file. */
export const valueCodes = { float32: 6, string: 8 } as const;

const [boolean, text, list] = [7, 8, 9];

export function readValue(cursor: Cursor, what: string): GgufValue {
  const code = cursor.u32();
  if (code === text) return cursor.text(what);
  if (code === boolean) return toBoolean(cursor, what, cursor.u8());
  if (code === list) return readList(cursor, what);
  const read = scalars[code];
  if (!read) throw cursor.invalid(`${what} is of type ${code}, which GGUF does not have`);
  return read(cursor);
}

const scalars: Record<number, (cursor: Cursor) => number | bigint> = {
  0: (cursor) => cursor.u8(),
  1: (cursor) => cursor.i8(),
  2: (cursor) => cursor.u16(),
  3: (cursor) => cursor.i16(),
  4: (cursor) => cursor.u32(),
  5: (cursor) => cursor.i32(),
  6: (cursor) => cursor.f32(),
  10: (cursor) => cursor.u64(),
  11: (cursor) => cursor.i64(),
  12: (cursor) => cursor.f64(),
};

const lists: Record<number, { BYTES_PER_ELEMENT: number; new (buffer: ArrayBuffer): GgufNumbers }> = {
  0: Uint8Array,
  1: Int8Array,
  2: Uint16Array,
  3: Int16Array,
  4: Uint32Array,
  5: Int32Array,
  6: Float32Array,
  10: BigUint64Array,
  11: BigInt64Array,
  12: Float64Array,
};

function readList(cursor: Cursor, what: string): GgufValue {
  const code = cursor.u32();
  if (code === text) {
    const count = cursor.count(`texts of ${what}`, 8);
    const texts: string[] = [];
    while (texts.length < count) texts.push(cursor.text(what));
    return texts;
  }
  if (code === boolean) {
    const bytes = cursor.raw(cursor.count(`values of ${what}`, 1));
    return Array.from(bytes, (byte) => toBoolean(cursor, what, byte));
  }
  const Numbers = lists[code];
  if (!Numbers) throw cursor.invalid(`${what} is a list of type ${code}, which lowrank does not read`);
  const count = cursor.count(`values of ${what}`, Numbers.BYTES_PER_ELEMENT);
  return new Numbers(new Uint8Array(cursor.raw(count * Numbers.BYTES_PER_ELEMENT)).buffer);
}

function toBoolean(cursor: Cursor, what: string, byte: number): boolean {
  if (byte > 1) throw cursor.invalid(`${what} is ${byte} where true is 1 and false 0`);
  return byte === 1;
}
