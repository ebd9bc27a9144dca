import { product64, scaled64, sum64, transposed64 } from './matrix64.js';
import type { Result64 } from './result64.js';

export interface LoraEmbedding64 {
  /** `[vocab, hidden]` */
  table: Float64Array;
  ids: number[];
  hidden: number;
  rank: number;
  scaling: number;
}

/** Rows of `W + s A B` by their ids; gradients of A and B, where a row that several ids name gets the sum. */
export function loraEmbedding64(a: Float64Array, b: Float64Array, layer: LoraEmbedding64): Result64 {
  const { table, ids, hidden, rank, scaling } = layer;
  const rows = ids.length;
  const picked = Float64Array.from(ids.flatMap((id) => [...a.subarray(id * rank, (id + 1) * rank)]));
  const frozen = ids.flatMap((id) => [...table.subarray(id * hidden, (id + 1) * hidden)]);
  return {
    value: sum64(frozen, product64(picked, b, [rows, rank, hidden]), scaling),
    gradient: (dy) => {
      const scaled = scaled64(dy, scaling);
      const dPicked = product64(scaled, transposed64(b, [rank, hidden]), [rows, hidden, rank]);
      const dA = new Float64Array(a.length);
      dPicked.forEach((slope, at) => (dA[(ids[Math.floor(at / rank)] as number) * rank + (at % rank)]! += slope));
      return [dA, product64(transposed64(picked, [rows, rank]), scaled, [rank, rows, hidden])];
    },
  };
}
