import { LowrankError, type PlainTensor } from '@lowrank/core/plan';
import type { StoredGgufTensor } from './read.js';

/**
 * The rows of a query's or key's weight, or of its lora_B, from Hugging Face's order to that of llama.cpp's Llama:
 * in each head, the two halves that rotate together are dealt out by turns, so row `2 i + half` was `half · d/2 + i`.
 *
 * @param tensor `[heads · headDim, ...]` @returns the same shape, owned by the caller
 * @throws `shape-mismatch` when the rows are not `heads` of an even number
 */
export function interleavedRotary(tensor: PlainTensor, heads: number): PlainTensor {
  return moved(tensor, heads, interleaved);
}

/** `interleavedRotary` undone: from llama.cpp's order to Hugging Face's. */
export function halvedRotary(tensor: PlainTensor, heads: number): PlainTensor {
  return moved(tensor, heads, halved);
}

/** `halvedRotary` of a tensor that stays packed: blocks never cross from one row to the next. */
export function halvedRotaryStored({ type, shape, bytes }: StoredGgufTensor, heads: number): StoredGgufTensor {
  return { type, shape: [...shape], bytes: movedRows(bytes, shape[0] ?? 0, heads, halved) };
}

/** Where a row of a head comes from and goes to. */
type Places = (place: number, half: number) => { from: number; to: number };

const interleaved: Places = (place, half) => ({ from: (place & 1) * half + (place >> 1), to: place });
const halved: Places = (place, half) => ({ from: place, to: (place & 1) * half + (place >> 1) });

function moved({ shape, data }: PlainTensor, heads: number, placesOf: Places): PlainTensor {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { shape: [...shape], data: new Float32Array(movedRows(bytes, shape[0] ?? 0, heads, placesOf).buffer) };
}

function movedRows(bytes: Uint8Array, rows: number, heads: number, placesOf: Places): Uint8Array<ArrayBuffer> {
  const size = rows / heads;
  if (!(Number.isInteger(heads) && heads > 0 && Number.isInteger(size / 2))) {
    throw new LowrankError('shape-mismatch', {
      given: `${heads} heads on ${rows} rows`,
      rule: 'each head has the same, even number of rows',
      fix: 'give the heads of the base model',
    });
  }
  const width = rows === 0 ? 0 : bytes.length / rows;
  const out = new Uint8Array(bytes.length);
  for (let row = 0; row < rows; row++) {
    const head = row - (row % size);
    const { from, to } = placesOf(row % size, size / 2);
    out.set(bytes.subarray((head + from) * width, (head + from + 1) * width), (head + to) * width);
  }
  return out;
}
