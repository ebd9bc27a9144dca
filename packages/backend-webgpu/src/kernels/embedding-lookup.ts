import type { Kernels } from '@lowrank/core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { activeGpu, emptyTensor } from '../shader/gpu.js';
import { rowChunks } from '../shader/row-chunks.js';
import { groupsOver, run } from '../shader/run.js';
import { defaultLanes, wgsl, type Shader } from '../shader/shader.js';

/** Rows of a table that may be larger than one binding: each run copies the rows that lie in its part. */
export const embeddingLookup: Kernels['embeddingLookup'] = ({ table, ids }) => {
  const [vocab, hidden] = table.shape;
  const gpu = activeGpu();
  const rows = emptyTensor(gpu, [ids.size, hidden]) as Tensor2D;
  for (const { from, length } of rowChunks(gpu, vocab, hidden)) {
    run(shader, {
      inputs: [{ tensor: table, from: from * hidden, length: length * hidden }, ids],
      outputs: [{ tensor: rows, from: 0, length: rows.size }],
      numbers: [rows.size, hidden, from, length, vocab],
      groups: groupsOver(rows.size, defaultLanes),
    });
  }
  return rows;
};

/** An id outside the table gives zeros, as on tfjs's own kernel. */
const shader: Shader = {
  name: 'embedding-lookup',
  inputs: { table: 'float32', ids: 'int32' },
  outputs: ['rows'],
  sizes: ['values', 'hidden', 'first', 'length', 'vocab'],
  body: wgsl`
  let i = group * ${defaultLanes}u + lane;
  if (i < n.values) {
    let id = ids[i / n.hidden];
    if (id >= n.first && id - n.first < n.length) {
      rows[i] = table[(id - n.first) * n.hidden + i % n.hidden];
    } else if (n.first == 0 && id >= n.vocab) {
      rows[i] = 0.0;
    }
  }
`,
};
