import type { Kernels } from '@lowrank/core';
import { sum, tensor1d, type Tensor } from '@tensorflow/tfjs-core';
import { activeGpu, emptyTensor } from '../shader/gpu.js';
import { rowLanes, rowMax, rowSum } from '../shader/row-reductions.js';
import { rowChunks } from '../shader/row-chunks.js';
import { run } from '../shader/run.js';
import { wgsl, type Shader } from '../shader/shader.js';

/**
 * Mean of `log Σ exp(logits) - logits[target]` over the rows that count, a workgroup a row. Targets stay indices, and
 * beside the logits and their gradient there is no other `[rows, vocab]`; both may be larger than one binding.
 */
export const crossEntropy: Kernels['crossEntropy'] = ({ logits, targets, ignoreIndex, count }, save) => {
  const [rows, vocab] = logits.shape;
  const wanted = tensor1d(
    targets.map((target) => (target === ignoreIndex ? -1 : target)),
    'int32',
  );
  const gpu = activeGpu();
  const [losses, normalisers] = [emptyTensor(gpu, [rows]), emptyTensor(gpu, [rows])];
  for (const { from, length } of rowChunks(gpu, rows, vocab)) {
    run(forward, {
      inputs: [part(logits, from, length, vocab), wanted],
      outputs: [whole(losses), whole(normalisers)],
      numbers: [length, vocab, from, 1 / count],
      groups: length,
    });
  }
  save([logits, wanted, normalisers]);
  return {
    value: sum(losses),
    gradient: (dy, [logits, wanted, normalisers]) => {
      const dLogits = emptyTensor(gpu, [rows, vocab]);
      for (const { from, length } of rowChunks(gpu, rows, vocab)) {
        run(backward, {
          inputs: [part(logits as Tensor, from, length, vocab), wanted as Tensor, normalisers as Tensor, dy],
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
  outputs: ['losses', 'normalisers'],
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
  let normaliser = largest + log(rowSum(powers, lane));
  if (lane == 0) {
    let target_ = bitcast<i32>(targets[n.first + group]);
    normalisers[n.first + group] = normaliser;
    losses[n.first + group] = select(0.0, (normaliser - logits[row + u32(max(target_, 0))]) * n.share, target_ >= 0);
  }
`,
};

/** `(softmax(logits) - onehot(target)) · dy / count` on rows that count, else 0. */
const backward: Shader = {
  name: 'cross-entropy-gradient',
  inputs: { logits: 'float32', targets: 'int32', normalisers: 'float32', dy: 'float32' },
  outputs: ['dLogits'],
  sizes: ['rows', 'vocab', 'first'],
  factors: ['share'],
  lanes: rowLanes,
  body: wgsl`
  if (group >= n.rows) { return; }
  let row = group * n.vocab;
  let target_ = bitcast<i32>(targets[n.first + group]);
  let normaliser = normalisers[n.first + group];
  let weight = select(0.0, dy[0] * n.share, target_ >= 0);
  for (var i = lane; i < n.vocab; i += ${rowLanes}u) {
    let share = exp(clamp(logits[row + i] - normaliser, -80.0, 0.0));
    dLogits[row + i] = weight * (share - select(0.0, 1.0, i32(i) == target_));
  }
`,
};
