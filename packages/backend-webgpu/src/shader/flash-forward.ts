import { block, dot, flash, flashSizes, lanes } from './flash.js';
import { wgsl, type Shader } from './shader.js';

/**
 * Attention of one block of queries, `cell.x`, of one head, `cell.y`: keys and values pass by in blocks, and a running
 * maximum and sum keep the softmax right, so no `[seq, kvSeq]` is made. Keeps `log Σ exp(score)` of each query.
 * Lane (r, c) has the score of query r with key c, then features c, c + 16, ... of output r.
 */
export function flashForward(headDim: number): Shader {
  const own = Math.ceil(headDim / block);
  return {
    name: `attention-${headDim}`,
    inputs: { q: 'float32', k: 'float32', v: 'float32', mask: 'float32' },
    outputs: ['y', 'normalisers'],
    sizes: flashSizes,
    factors: ['scale'],
    lanes,
    declarations: flash(headDim, ['qTile', 'kTile', 'vTile']),
    body: wgsl`
  let r = lane / ${block};
  let c = lane % ${block};
  let head = cell.y;
  let kvHead = kvHeadOf(head);
  let batch = head / n.heads;
  let top = cell.x * ${block};
  let t = top + r;
  load_q(head, top, n.seq, lane);
  var output: array<f32, ${own}>;
  var largest = -1e30;
  var total = 0.0;
  var end = n.kvSeq;
  if (n.causal == 1) { end = min(end, top + ${block} + n.kvSeq - n.seq); }
  for (var first = firstKeyOf(top); first < end; first += ${block}u) {
    load_k(kvHead, first, n.kvSeq, lane);
    load_v(kvHead, first, n.kvSeq, lane);
    workgroupBarrier();
    ${dot(headDim, 'qTile', 'r', 'kTile', 'c', 'score')}
    let seen = sees(batch, t, first + c);
    pairs[r * ${block + 1} + c] = select(-1e30, score * n.scale, seen);
    workgroupBarrier();
    var most = largest;
    for (var j = 0u; j < ${block}u; j++) { most = max(most, pairs[r * ${block + 1} + j]); }
    let kept = exp(max(largest - most, -80.0));
    largest = most;
    workgroupBarrier();
    let power = exp(max(score * n.scale - most, -80.0));
    pairs[r * ${block + 1} + c] = select(0.0, power, seen);
    workgroupBarrier();
    total *= kept;
    for (var i = 0u; i < ${own}u; i++) { output[i] *= kept; }
    for (var j = 0u; j < ${block}u; j++) {
      let weight = pairs[r * ${block + 1} + j];
      total += weight;
      for (var i = 0u; i < ${own}u; i++) {
        let d = c + i * ${block};
        if (d < ${headDim}) { output[i] = fma(weight, vTile[j * ${headDim + 1} + d], output[i]); }
      }
    }
    workgroupBarrier();
  }
  if (t < n.seq) {
    for (var i = 0u; i < ${own}u; i++) {
      let d = c + i * ${block};
      if (d < ${headDim}) { y[(head * n.seq + t) * ${headDim} + d] = output[i] / max(total, 1e-30); }
    }
    if (c == 0) { normalisers[head * n.seq + t] = largest + log(max(total, 1e-30)); }
  }
`,
  };
}
