/** Small, seeded and fast: the fuzzer draws some tens of numbers a case. */
export interface Random {
  /** A whole number from 0 up to, not including, `limit`. */
  below(limit: number): number;
}

/** @see https://prng.di.unimi.it/splitmix64.c, in its 32-bit form */
export function random(seed: number): Random {
  let state = seed | 0;
  return {
    below(limit) {
      state = (state + 0x9e3779b9) | 0;
      let mixed = state ^ (state >>> 16);
      mixed = Math.imul(mixed, 0x21f0aaad);
      mixed ^= mixed >>> 15;
      mixed = Math.imul(mixed, 0x735a2d97);
      return ((mixed ^ (mixed >>> 15)) >>> 0) % limit;
    },
  };
}

/** Numbers at which parsers break: limits of types, and lengths near them. */
const edges = [0n, 1n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n];
/** What JSON, and Python's idea of it, is made of. */
const texts = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ':',
  ',',
  '\\u0000',
  '\\',
  'NaN',
  'null',
  'true',
  '-',
  '1e999',
  '0.5',
  '""',
  '__proto__',
  '9007199254740993',
];

type Mutation = (bytes: Uint8Array, draw: Random) => Uint8Array;

const mutations: Mutation[] = [
  (bytes, draw) => change(bytes, draw, (at) => (bytes[at] as number) ^ (1 << draw.below(8))),
  (bytes, draw) => change(bytes, draw, () => draw.below(256)),
  (bytes, draw) => bytes.slice(0, draw.below(bytes.length + 1)),
  (bytes, draw) => {
    const [from, length] = [draw.below(bytes.length), 1 + draw.below(16)];
    return joined(bytes.subarray(0, from), bytes.subarray(from + length));
  },
  (bytes, draw) => {
    const [from, to] = [draw.below(bytes.length), draw.below(bytes.length)];
    return joined(bytes.subarray(0, to), bytes.subarray(from, from + 1 + draw.below(64)), bytes.subarray(to));
  },
  (bytes, draw) => {
    const at = draw.below(bytes.length);
    const text = new TextEncoder().encode(texts[draw.below(texts.length)]);
    return joined(bytes.subarray(0, at), text, bytes.subarray(at + draw.below(3)));
  },
  (bytes, draw) => {
    const changed = bytes.slice();
    const wide = draw.below(2) === 1;
    const at = draw.below(Math.max(1, changed.length - 8));
    if (at + 8 > changed.length) return changed;
    const edge = edges[draw.below(edges.length)] as bigint;
    const view = new DataView(changed.buffer);
    if (wide) view.setBigUint64(at, edge, true);
    else view.setUint32(at, Number(edge & 0xffffffffn), true);
    return changed;
  },
];

/** A valid file with one to four things changed in it. */
export function mutated(intact: Uint8Array, draw: Random): Uint8Array {
  let bytes = intact;
  for (let left = 1 + draw.below(4); left > 0 && bytes.length > 0; left--) {
    bytes = (mutations[draw.below(mutations.length)] as Mutation)(bytes, draw);
  }
  return bytes;
}

function change(bytes: Uint8Array, draw: Random, valueAt: (at: number) => number): Uint8Array {
  const changed = bytes.slice();
  const at = draw.below(changed.length);
  changed[at] = valueAt(at);
  return changed;
}

function joined(...parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
