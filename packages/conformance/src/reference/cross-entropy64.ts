import type { Result64 } from './result64.js';

/** The mean of `-log softmax(logits)[target]` over the rows whose target is not `ignoreIndex`. */
export function crossEntropy64(logits: Float64Array, targets: Int32Array, vocab: number, ignoreIndex = -100): Result64 {
  const count = Math.max(1, targets.filter((target) => target !== ignoreIndex).length);
  const rows = [...targets.entries()].filter(([, target]) => target !== ignoreIndex);
  const rowOf = (row: number) => logits.subarray(row * vocab, (row + 1) * vocab);
  const loss = rows.reduce((sum, [row, target]) => sum + normaliser(rowOf(row)) - (rowOf(row)[target] as number), 0);
  return {
    value: Float64Array.of(loss / count),
    gradient: (dy) => {
      const factor = (dy[0] as number) / count;
      const result = new Float64Array(logits.length);
      for (const [row, target] of rows) {
        const log = normaliser(rowOf(row));
        rowOf(row).forEach((logit, index) => {
          result[row * vocab + index] = factor * (Math.exp(logit - log) - (index === target ? 1 : 0));
        });
      }
      return [result];
    },
  };
}

/** `log Σ exp(row)`. */
function normaliser(row: Float64Array): number {
  const most = row.reduce((a, b) => Math.max(a, b), -Infinity);
  return most + Math.log(row.reduce((sum, value) => sum + Math.exp(value - most), 0));
}
