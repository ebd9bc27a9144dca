import type { Kernels } from '@lowrank/core';
import { sum, tensor1d, type Tensor } from '@tensorflow/tfjs-core';
import { activeGpu, emptyTensor } from '../shader/gpu.js';
import { rowLanes, rowMax, rowSum } from '../shader/row-reductions.js';
import { rowChunks } from '../shader/row-chunks.js';
import { run } from '../shader/run.js';
import { wgsl, type Shader } from '../shader/shader.js';

/**
 * Mean of `log Σ exp(logits) - logits[target]` over the rows that count, a workgroup a row. Targets stay indices, and
 * beside the logits and their gradient there is no other `[rows, vocab]`; both may be larger than one binding. The
 * largest logit and the logarithm are kept apart: their sum would lose the second at logits in the thousands.
 */
export const crossEntropy: Kernels['crossEntropy'] = ({ logits, targets, ignoreIndex, count }, save) => {
  const [rows, vocab] = logits.shape;
  const wanted = tensor1d(
    targets.map((target) => (target === ignoreIndex ? -1 : target)),
    'int32',
  );
  const gpu = activeGpu();
  const [losses, tops, logs] = Array.from({ length: 3 }, () => emptyTensor(gpu, [rows])) as [Tensor, Tensor, Tensor];
  for (const { from, length } of rowChunks(gpu, rows, vocab)) {
    run(forward, {
      inputs: [part(logits, from, length, vocab), wanted],
      outputs: [whole(losses), whole(tops), whole(logs)],
      numbers: [length, vocab, from, 1 / count],
      groups: length,
    });
  }
  save([logits, wanted, tops, logs]);
  return {
    value: sum(losses),
    gradient: (dy, saved) => {
      const [logits, wanted, tops, logs] = saved as [Tensor, Tensor, Tensor, Tensor];
      const dLogits = emptyTensor(gpu, [rows, vocab]);
      for (const { from, length } of rowChunks(gpu, rows, vocab)) {
        run(backward, {
          inputs: [part(logits, from, length, vocab), wanted, tops, logs, dy],
          outputs: [part(dLogits, from, length, vocab)],
          numbers: [length, vocab, from, 1 / count],
          groups: length,
        });
      }
      return [dLogits];
    },
  };
};

function part(tensor: Tensor, from: number, rows: number, columns: number) {
  return { tensor, from: from * columns, length: rows * columns };
}

function whole(tensor: Tensor) {
  return { tensor, from: 0, length: tensor.size };
}

const forward: Shader = {
  name: 'cross-entropy',
  inputs: { logits: 'float32', targets: 'int32' },
  outputs: ['losses', 'tops', 'logs'],
  sizes: ['rows', 'vocab', 'first'],
  factors: ['share'],
  lanes: rowLanes,
  declarations: rowMax + rowSum,
  body: wgsl`
  if (group >= n.rows) { return; }
  let row = group * n.vocab;
  var largest = -1e30;
  for (var i = lane; i < n.vocab; i += ${rowLanes}u) { largest = max(largest, logits[row + i]); }
  largest = rowMax(largest, lane);
  var powers = 0.0;
  for (var i = lane; i < n.vocab; i += ${rowLanes}u) { powers += exp(max(logits[row + i] - largest, -80.0)); }
  let logOfSum = log(rowSum(powers, lane));
  if (lane == 0) {
    let target_ = bitcast<i32>(targets[n.first + group]);
    tops[n.first + group] = largest;
    logs[n.first + group] = logOfSum;
    let below = largest - logits[row + u32(max(target_, 0))];
    losses[n.first + group] = select(0.0, (below + logOfSum) * n.share, target_ >= 0);
  }
`,
};

/** `(softmax(logits) - onehot(target)) · dy / count` on rows that count, else 0. */
const backward: Shader = {
  name: 'cross-entropy-gradient',
  inputs: { logits: 'float32', targets: 'int32', tops: 'float32', logs: 'float32', dy: 'float32' },
  outputs: ['dLogits'],
  sizes: ['rows', 'vocab', 'first'],
  factors: ['share'],
  lanes: rowLanes,
  body: wgsl`
  if (group >= n.rows) { return; }
  let row = group * n.vocab;
  let target_ = bitcast<i32>(targets[n.first + group]);
  let top = tops[n.first + group];
  let logOfSum = logs[n.first + group];
  let weight = select(0.0, dy[0] * n.share, target_ >= 0);
  for (var i = lane; i < n.vocab; i += ${rowLanes}u) {
    let share = exp(clamp((logits[row + i] - top) - logOfSum, -80.0, 0.0));
    dLogits[row + i] = weight * (share - select(0.0, 1.0, i32(i) == target_));
  }
`,
};
