import type { CrossEntropyArgs, Kernel } from '@lowrank/core';
import { scalar, tensor1d, type Tensor } from '@tensorflow/tfjs-core';
import { runRows } from '../native/rows.js';
import { workplace } from '../native/tensors.js';

/**
 * Mean of `log Σ exp(logits) - logits[target]` over the rows that count. Of a row, two numbers are kept beside the
 * logits, and the gradient is the only other `[rows, vocab]`.
 */
export const crossEntropy: Kernel<CrossEntropyArgs> = ({ logits, targets, ignoreIndex, count }, save) => {
  const { engine, make, at, values } = workplace();
  const [rows, columns] = logits.shape;
  const wanted = targets.map((target) => (target === ignoreIndex ? -1 : target));
  const [stats, ids] = [make([rows, 2]), tensor1d(wanted, 'int32')];
  runRows(engine, 'normalisers', { out: 0, x: at(logits), w: at(stats), rows, columns });
  const loss = lossesOf(values(logits), values(stats), wanted) / count;
  save([logits, stats, ids]);
  return {
    value: scalar(loss),
    gradient: (dy, saved) => {
      const [logits, stats, ids] = saved as [Tensor, Tensor, Tensor];
      const dLogits = make(logits.shape);
      const addresses = { out: at(dLogits), x: at(logits), y: at(ids), z: at(dy), w: at(stats) };
      runRows(engine, 'crossEntropyGradient', { ...addresses, rows, columns, factor: 1 / count });
      return [dLogits];
    },
  };
};

/** The losses of all rows that count, added up. */
function lossesOf(logits: Float32Array, stats: Float32Array, targets: Int32Array): number {
  const vocab = logits.length / targets.length;
  return targets.reduce((total, target, row) => {
    if (target < 0) return total;
    const [most, sum] = [stats[2 * row] as number, stats[2 * row + 1] as number];
    return total + most + Math.log(sum) - (logits[row * vocab + target] as number);
  }, 0);
}
