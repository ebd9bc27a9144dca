/** The little of protobuf's wire format that a TensorFlow graph takes: a message is its fields, one after another. */
export type Message = Uint8Array;

export function message(...fields: Message[]): Message {
  const bytes = new Uint8Array(fields.reduce((size, field) => size + field.length, 0));
  let at = 0;
  for (const field of fields) {
    bytes.set(field, at);
    at += field.length;
  }
  return bytes;
}

/** A field that holds a message, a text or packed numbers. */
export function holds(field: number, content: Message | string): Message {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return message(varint((field << 3) | 2), varint(bytes.length), bytes);
}

/** A field that holds a whole number, or a truth. A negative one takes ten bytes, as int64 has it. */
export function whole(field: number, value: number | boolean): Message {
  return message(varint(field << 3), varint(Number(value)));
}

/** Whole numbers packed, for `holds`. */
export function packed(values: Iterable<number>): Message {
  return message(...Array.from(values, varint));
}

/** An entry of a map field. */
export function entry(field: number, key: string, value: Message | string): Message {
  return holds(field, message(holds(1, key), holds(2, value)));
}

function varint(value: number): Message {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}
