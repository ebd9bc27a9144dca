import type { AttentionArgs, Kernel } from '@lowrank/core';
import { matMul, reshape, tensor, type Tensor, type Tensor3D } from '@tensorflow/tfjs-core';
import type { Run } from '../xla/compiled.js';
import { program } from '../xla/program.js';

export const attentionPrograms = {
  /** `scores [batch, heads, seq, kvSeq]`, `mask [batch, 1, 1, kvSeq]` or 1, `future [seq, kvSeq]` or 0. */
  attentionWeights: program(['scores', 'scale', 'mask', 'future'], (f, { scores, scale, mask, future }) => {
    const seen = f.add(f.add(f.mul(scores, scale), f.mul(f.sub(mask, 1), 1e9)), future);
    const powers = f.exp(f.sub(seen, f.max(seen)));
    return [f.div(powers, f.sum(powers))];
  }),

  attentionScoresGrad: program(['weights', 'dWeights', 'scale'], (f, { weights, dWeights, scale }) => {
    const along = f.sum(f.mul(weights, dWeights));
    return [f.mul(f.mul(weights, f.sub(dWeights, along)), scale)];
  }),
};

/** The products are TensorFlow's; all between them is two programs. Queries of a group are rows of one product. */
export function attention(run: Record<keyof typeof attentionPrograms, Run>): Kernel<AttentionArgs> {
  return ({ q, k, v, mask, causal }, save) => {
    const [batch, heads, seq, headDim] = q.shape;
    const [, kvHeads, kvSeq] = k.shape;
    const groups = batch * kvHeads;
    const rows = (heads / kvHeads) * seq;
    const scale = 1 / Math.sqrt(headDim);
    const query: Tensor3D = reshape(q, [groups, rows, headDim]);
    const key: Tensor3D = reshape(k, [groups, kvSeq, headDim]);
    const value: Tensor3D = reshape(v, [groups, kvSeq, headDim]);
    const scores = reshape(matMul(query, key, false, true), [batch, heads, seq, kvSeq]);
    const visible = mask ? reshape(mask, [batch, 1, 1, kvSeq]) : 1;
    const future = causal && seq > 1 ? futureMask(seq, kvSeq) : 0;
    const [probabilities] = run.attentionWeights(scores, scale, visible, future) as [Tensor];
    const weights: Tensor3D = reshape(probabilities, [groups, rows, kvSeq]);
    save([query, key, value, weights]);
    return {
      value: reshape(matMul(weights, value), q.shape),
      gradient: (dy, saved) => {
        const [query, key, value, weights] = saved as [Tensor3D, Tensor3D, Tensor3D, Tensor3D];
        const dOut: Tensor3D = reshape(dy, [groups, rows, headDim]);
        const [dScores] = run.attentionScoresGrad(weights, matMul(dOut, value, false, true), scale) as [Tensor3D];
        return [
          reshape(matMul(dScores, key), q.shape),
          reshape(matMul(dScores, query, true, false), k.shape),
          reshape(matMul(weights, dOut, true, false), v.shape),
        ];
      },
    };
  };
}

/** `[seq, kvSeq]`: 0 where query t may see key s, else -1e9. */
function futureMask(seq: number, kvSeq: number): Tensor {
  const mask = new Float32Array(seq * kvSeq);
  for (let t = 0; t < seq; t++) mask.fill(-1e9, t * kvSeq + (kvSeq - seq) + t + 1, (t + 1) * kvSeq);
  return tensor(mask, [seq, kvSeq]);
}
