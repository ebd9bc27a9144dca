import type { AttentionArgs, Kernel } from '@lowrank/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { floatBits } from '../native/float-bits.js';
import { runRows } from '../native/rows.js';
import { workplace } from '../native/tensors.js';

/** Fewer queries than this are not worth a head's panels. */
const leastQueries = 6;

/** Values of scores that a thread holds at a time, and the most queries they belong to. */
const [mostScores, mostQueries] = [2 ** 15, 96];

/**
 * Attention whose `[seq, kvSeq]` never stands in memory but for some queries of one head: forward keeps two numbers a
 * query, backward makes the weights again. Declines a few queries alone, as of a token that is generated.
 *
 * @see Dao et al. 2022, https://arxiv.org/abs/2205.14135
 */
export const attention: Kernel<AttentionArgs & { window?: number }> = ({ q, k, v, mask, causal, window }, save) => {
  const [batch, heads, seq, headDim] = q.shape;
  const [, kvHeads, kvSeq] = k.shape;
  if (seq < leastQueries) return undefined;
  const { engine, make, at } = workplace();
  const block = Math.min(seq, mostQueries, 6 * Math.max(1, Math.floor(mostScores / kvSeq / 6)));
  const scale = floatBits(1 / Math.sqrt(headDim));
  const sizes = [heads, kvHeads, seq, kvSeq, headDim, Number(causal), window ?? kvSeq, scale, block];
  const room = roomFor({ kvSeq, headDim, block });
  const [value, stats] = [make(q.shape), make([batch, heads, seq, 2])];
  const inputs = [at(q), at(k), at(v), at(mask)];
  const ofHeads = [at(value), at(stats), 0, 0, 0];
  engine.run('attention', batch * heads, [
    ...inputs,
    ...ofHeads,
    ...sizes,
    engine.scratch(engine.threads * room.forward),
    room.forward,
  ]);
  save([q, k, v, stats, ...(mask ? [mask] : [])]);
  return {
    value,
    gradient: (dy, saved) => {
      const [q, k, v, stats, mask] = saved as [Tensor, Tensor, Tensor, Tensor, Tensor?];
      const [dq, dk, dv] = [make(q.shape), make(k.shape), make(v.shape)];
      // Heads that share keys first have a gradient each.
      const group = heads / kvHeads;
      const apart = group === 1 ? 0 : 4 * batch * heads * kvSeq * headDim;
      const scratch = engine.scratch(engine.threads * room.backward + 2 * apart);
      const parts = scratch + engine.threads * room.backward;
      const [ofKeys, ofValues] = group === 1 ? [at(dk), at(dv)] : [parts, parts + apart];
      engine.run('attentionGradient', batch * heads, [
        ...[at(q), at(k), at(v), at(mask), at(dy), at(stats), at(dq), ofKeys, ofValues],
        ...sizes,
        scratch,
        room.backward,
      ]);
      if (group > 1) {
        const size = { rows: batch * kvHeads, columns: kvSeq * headDim, flag: group };
        runRows(engine, 'addGroups', { out: at(dk), x: ofKeys, ...size });
        runRows(engine, 'addGroups', { out: at(dv), x: ofValues, ...size });
      }
      return [dq, dk, dv];
    },
  };
};

/** Bytes that a thread needs, as native/attention.ts and native/attention-gradient.ts divide them. */
function roomFor({ kvSeq, headDim, block }: { kvSeq: number; headDim: number; block: number }) {
  const eights = (count: number) => 8 * Math.ceil(count / 8);
  const [across, along] = [eights(kvSeq) * headDim, kvSeq * eights(headDim)];
  const scores = block * eights(kvSeq);
  const bytes = (values: number) => 64 * Math.ceil((128 + 4 * values) / 64);
  return {
    forward: bytes(across + along + scores),
    backward: bytes(2 * across + along + block * eights(headDim) + 2 * scores),
  };
}
