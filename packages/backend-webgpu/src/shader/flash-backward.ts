import { block, dot, flash, flashSizes, lanes } from './flash.js';
import { wgsl, type Shader } from './shader.js';

// With P the weights, `delta = Σ dy · y` of each query and `dS = P · (dy vᵀ - delta)`:
// `dq = scale · dS k`, `dk = scale · dSᵀ q`, `dv = Pᵀ dy`. P is made again from q, k and the kept normalisers.

const inputs: Shader['inputs'] = {
  q: 'float32',
  k: 'float32',
  v: 'float32',
  mask: 'float32',
  dy: 'float32',
  normalisers: 'float32',
  deltas: 'float32',
};

/** `Σ dy · y` of each query, one a lane. */
export const flashDeltas: Shader = {
  name: 'attention-deltas',
  inputs: { y: 'float32', dy: 'float32' },
  outputs: ['deltas'],
  sizes: ['queries', 'headDim'],
  lanes,
  body: wgsl`
  let query = group * ${lanes}u + lane;
  if (query < n.queries) {
    var delta = 0.0;
    for (var d = 0u; d < n.headDim; d++) { delta = fma(dy[query * n.headDim + d], y[query * n.headDim + d], delta); }
    deltas[query] = delta;
  }
`,
};

/** dq of one block of queries, `cell.x`, of one head, `cell.y`, while keys and values pass by. */
export function flashQueries(headDim: number): Shader {
  const own = Math.ceil(headDim / block);
  return {
    name: `attention-dq-${headDim}`,
    inputs,
    outputs: ['dq'],
    sizes: flashSizes,
    factors: ['scale'],
    lanes,
    declarations: flash(headDim, ['qTile', 'kTile', 'vTile', 'dyTile']),
    body: wgsl`
  let r = lane / ${block};
  let c = lane % ${block};
  let head = cell.y;
  let kvHead = kvHeadOf(head);
  let batch = head / n.heads;
  let top = cell.x * ${block};
  let t = top + r;
  load_q(head, top, n.seq, lane);
  load_dy(head, top, n.seq, lane);
  let query = head * n.seq + min(t, n.seq - 1);
  let normaliser = normalisers[query];
  let delta = deltas[query];
  var gradient: array<f32, ${own}>;
  var end = n.kvSeq;
  if (n.causal == 1) { end = min(end, top + ${block} + n.kvSeq - n.seq); }
  for (var first = firstKeyOf(top); first < end; first += ${block}u) {
    load_k(kvHead, first, n.kvSeq, lane);
    load_v(kvHead, first, n.kvSeq, lane);
    workgroupBarrier();
    ${dot(headDim, 'qTile', 'r', 'kTile', 'c', 'score')}
    ${dot(headDim, 'dyTile', 'r', 'vTile', 'c', 'along')}
    let weight = exp(clamp(score * n.scale - normaliser, -80.0, 0.0));
    pairs[r * ${block + 1} + c] = select(0.0, weight * (along - delta) * n.scale, sees(batch, t, first + c));
    workgroupBarrier();
    for (var j = 0u; j < ${block}u; j++) {
      let slope = pairs[r * ${block + 1} + j];
      for (var i = 0u; i < ${own}u; i++) {
        let d = c + i * ${block};
        if (d < ${headDim}) { gradient[i] = fma(slope, kTile[j * ${headDim + 1} + d], gradient[i]); }
      }
    }
    workgroupBarrier();
  }
  if (t < n.seq) {
    for (var i = 0u; i < ${own}u; i++) {
      let d = c + i * ${block};
      if (d < ${headDim}) { dq[(head * n.seq + t) * ${headDim} + d] = gradient[i]; }
    }
  }
`,
  };
}

/** dk and dv of one block of keys, `cell.x`, of one key head, `cell.y`, while the queries of all its heads pass by. */
export function flashKeys(headDim: number): Shader {
  const own = Math.ceil(headDim / block);
  return {
    name: `attention-dk-dv-${headDim}`,
    inputs,
    outputs: ['dk', 'dv'],
    sizes: flashSizes,
    factors: ['scale'],
    lanes,
    declarations: wgsl`${flash(headDim, ['qTile', 'kTile', 'vTile', 'dyTile'])}
var<workgroup> slopes: array<f32, ${block * (block + 1)}>;`,
    body: wgsl`
  let r = lane / ${block};
  let c = lane % ${block};
  let kvHead = cell.y;
  let batch = kvHead / n.kvHeads;
  let perKey = n.heads / n.kvHeads;
  let top = cell.x * ${block};
  let s = top + r;
  load_k(kvHead, top, n.kvSeq, lane);
  load_v(kvHead, top, n.kvSeq, lane);
  // With a mask of the future, queries before these keys see none of them.
  let past = u32(max(i32(top + n.seq) - i32(n.kvSeq), 0)) / ${block} * ${block};
  let start = select(0u, past, n.causal == 1);
  var keyGradient: array<f32, ${own}>;
  var valueGradient: array<f32, ${own}>;
  for (var member = 0u; member < perKey; member++) {
    let head = batch * n.heads + (kvHead % n.kvHeads) * perKey + member;
    for (var first = start; first < n.seq; first += ${block}u) {
      load_q(head, first, n.seq, lane);
      load_dy(head, first, n.seq, lane);
      workgroupBarrier();
      ${dot(headDim, 'qTile', 'c', 'kTile', 'r', 'score')}
      ${dot(headDim, 'dyTile', 'c', 'vTile', 'r', 'along')}
      let query = head * n.seq + min(first + c, n.seq - 1);
      let weight = select(
        0.0,
        exp(clamp(score * n.scale - normalisers[query], -80.0, 0.0)),
        sees(batch, first + c, s),
      );
      pairs[r * ${block + 1} + c] = weight;
      slopes[r * ${block + 1} + c] = weight * (along - deltas[query]) * n.scale;
      workgroupBarrier();
      for (var j = 0u; j < ${block}u; j++) {
        let share = pairs[r * ${block + 1} + j];
        let slope = slopes[r * ${block + 1} + j];
        for (var i = 0u; i < ${own}u; i++) {
          let d = c + i * ${block};
          if (d < ${headDim}) {
            keyGradient[i] = fma(slope, qTile[j * ${headDim + 1} + d], keyGradient[i]);
            valueGradient[i] = fma(share, dyTile[j * ${headDim + 1} + d], valueGradient[i]);
          }
        }
      }
      workgroupBarrier();
    }
  }
  if (s < n.kvSeq) {
    for (var i = 0u; i < ${own}u; i++) {
      let d = c + i * ${block};
      if (d < ${headDim}) {
        dk[(kvHead * n.kvSeq + s) * ${headDim} + d] = keyGradient[i];
        dv[(kvHead * n.kvSeq + s) * ${headDim} + d] = valueGradient[i];
      }
    }
  }
`,
  };
}
