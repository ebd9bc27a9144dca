import type { AttentionArgs, Kernel } from '@lowrank/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Formula, Value } from '../graph/formula.js';
import { stored, type Run } from '../graph/load-programs.js';
import { ofType } from '../graph/node-def.js';
import { program } from '../graph/program.js';

/**
 * What each forward program reads; `shapeSeen` is `[seq, kvSeq]`, `shapePast` how many keys come before the queries, and
 * `shapeBehind` how many before its own number, from 0, a query sees, -1 for all.
 */
const forwardInputs = [
  ...(['q', 'k', 'v', 'scale', 'mask', 'shapeQueries', 'shapeKeys', 'shapeQ'] as const),
  ...(['shapeMask', 'shapeEach', 'shapePenalty', 'shapeHeads', 'shapeSeen', 'shapePast', 'shapeBehind'] as const),
  'shapeScores' as const,
];

export const attentionPrograms = {
  attention: forward({ masked: false, causal: false }),
  attentionMasked: forward({ masked: true, causal: false }),
  attentionCausal: forward({ masked: false, causal: true }),
  attentionMaskedCausal: forward({ masked: true, causal: true }),

  attentionGrad: program(
    ['q', 'k', 'v', 'out', 'weights', 'dy', 'scale', 'shapeQueries', 'shapeKeys', 'shapeQ', 'shapeK'],
    (f, { q, k, v, out, weights, dy, scale, shapeQueries, shapeKeys, shapeQ, shapeK }) => {
      const dOut = f.reshape(dy, shapeQueries);
      const along = f.sum(f.mul(dOut, f.reshape(out, shapeQueries)));
      // `dOut vᵀ - along`, the subtraction as one more feature of the product.
      const changes = f.batchMatMul(f.joined([dOut, f.neg(along)]), withOnes(f, f.reshape(v, shapeKeys)), false, true);
      const dScores = f.mul(weights, changes);
      const dQ = f.mul(f.batchMatMul(dScores, f.reshape(k, shapeKeys)), scale);
      const dK = f.mul(f.batchMatMul(dScores, f.reshape(q, shapeQueries), true), scale);
      const dV = f.batchMatMul(weights, dOut, true);
      return [f.reshape(dQ, shapeQ), f.reshape(dK, shapeK), f.reshape(dV, shapeK)];
    },
  ),
};

function forward({ masked, causal }: { masked: boolean; causal: boolean }) {
  return program(forwardInputs, (f, inputs) => {
    let query = f.mul(f.reshape(inputs.q, inputs.shapeQueries), inputs.scale);
    let key = f.reshape(inputs.k, inputs.shapeKeys);
    if (masked) [query, key] = [withOnes(f, query), f.joined([key, penalty(f, inputs)])];
    let scores = f.batchMatMul(query, key, false, true);
    if (causal) scores = f.reshape(f.add(f.reshape(scores, inputs.shapeHeads), hidden(f, inputs)), inputs.shapeScores);
    const weights = f.softmax(f.ofRank(scores, 3));
    const out = f.batchMatMul(weights, f.reshape(inputs.v, inputs.shapeKeys));
    return [f.reshape(out, inputs.shapeQ), weights];
  });
}

/** `[groups, kvSeq, 1]`: 0 where a key may be seen, else -1e9. As one more feature it costs the scores no pass. */
function penalty(f: Formula, inputs: Record<'mask' | 'shapeMask' | 'shapeEach' | 'shapePenalty', Value>): Value {
  const ofBatch = f.reshape(f.mul(f.sub(inputs.mask, 1), 1e9), inputs.shapeMask);
  return f.reshape(f.broadcast(ofBatch, inputs.shapeEach), inputs.shapePenalty);
}

/** `[seq, kvSeq]`: 0 where query t may see key s, else -1e9. */
function hidden(
  f: Formula,
  { shapeSeen, shapePast, shapeBehind }: Record<'shapeSeen' | 'shapePast' | 'shapeBehind', Value>,
): Value {
  const scalar = f.constant([], [0], 'int32');
  const ones = f.node('Fill', [shapeSeen, f.constant(1, [], 'float32')], 'float32', {
    T: ofType('float32'),
    index_type: ofType('int32'),
  });
  const seen = f.node(
    'MatrixBandPart',
    [ones, f.reshape(shapeBehind, scalar), f.reshape(shapePast, scalar)],
    'float32',
    {
      T: ofType('float32'),
      Tindex: ofType('int32'),
    },
  );
  return f.mul(f.sub(seen, 1), 1e9);
}

/** One more feature, of ones, to `[groups, rows, features]`. */
function withOnes(f: Formula, x: Value): Value {
  return f.padded(x, [0, 0, 1], 1);
}

/**
 * A program each way. The queries of a group are rows of one product, so keys and values are never repeated. Declines a
 * window that leaves keys which no query sees.
 */
export function attention(
  run: Record<keyof typeof attentionPrograms, Run>,
): Kernel<AttentionArgs & { window?: number }> {
  return ({ q, k, v, mask, causal, window }, save) => {
    const [batch, heads, seq, headDim] = q.shape;
    const [, kvHeads, kvSeq] = k.shape;
    const behind = window === undefined ? -1 : window - 1 - (kvSeq - seq);
    if (window !== undefined && behind < 0) return undefined;
    const groups = batch * kvHeads;
    const rows = (heads / kvHeads) * seq;
    const scale = 1 / Math.sqrt(headDim);
    const [shapeQueries, shapeKeys] = [
      [groups, rows, headDim],
      [groups, kvSeq, headDim],
    ] as const;
    const inputs = [stored(q), stored(k), stored(v), scale, mask ?? 0, shapeQueries, shapeKeys, q.shape];
    const maskShapes = [
      [batch, 1, kvSeq],
      [batch, kvHeads, kvSeq],
      [groups, kvSeq, 1],
    ];
    const causalShapes = [[batch * heads, seq, kvSeq], [seq, kvSeq], [kvSeq - seq], [behind], [groups, rows, kvSeq]];
    const name = `attention${mask ? 'Masked' : ''}${causal && seq > 1 ? 'Causal' : ''}` as const;
    const [value, weights] = run[name](...inputs, ...maskShapes, ...causalShapes) as [Tensor, Tensor];
    save([q, k, v, value, weights]);
    return {
      value,
      gradient: (dy, saved) => {
        const [q, k, v, out, weights] = saved as [Tensor, Tensor, Tensor, Tensor, Tensor];
        const shapes = [shapeQueries, shapeKeys, q.shape, k.shape];
        return run.attentionGrad(stored(q), stored(k), stored(v), stored(out), weights, stored(dy), scale, ...shapes);
      },
    };
  };
}
