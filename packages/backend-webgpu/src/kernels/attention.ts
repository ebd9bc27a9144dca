import type { AttentionArgs, Kernel } from '@lowrank/core';
import { ones, type Tensor } from '@tensorflow/tfjs-core';
import { flashDeltas, flashKeys, flashQueries } from '../shader/flash-backward.js';
import { flashForward } from '../shader/flash-forward.js';
import { block, lanes, sharedBytes } from '../shader/flash.js';
import { activeGpu } from '../shader/gpu.js';
import { groupsOver, run } from '../shader/run.js';

/**
 * Attention that never makes `[seq, kvSeq]`: forward keeps one number a query, backward makes the weights again.
 * Declines heads that are too wide for a device's shared memory, or too many for its workgroups.
 *
 * @see Dao et al. 2022, https://arxiv.org/abs/2205.14135
 */
export const attention: Kernel<AttentionArgs & { window?: number }> = ({ q, k, v, mask, causal, window }, save) => {
  const [batch, heads, seq, headDim] = q.shape;
  const [, kvHeads, kvSeq] = k.shape;
  const { limits } = activeGpu();
  if (sharedBytes(headDim) > limits.maxComputeWorkgroupStorageSize) return undefined;
  if (batch * heads > limits.maxComputeWorkgroupsPerDimension) return undefined;
  const flags = [Number(causal), Number(mask !== undefined)];
  const numbers = [heads, kvHeads, seq, kvSeq, window ?? kvSeq, ...flags, 1 / Math.sqrt(headDim)];
  const queryGroups: [number, number, number] = [Math.ceil(seq / block), batch * heads, 1];
  const seen = mask ?? ones([1, 1]);
  const [y, normalisers] = run(flashForward(headDim), {
    inputs: [q, k, v, seen],
    outputs: [q.shape, [batch, heads, seq]],
    numbers,
    groups: queryGroups,
  }) as [Tensor, Tensor];
  save([q, k, v, seen, y, normalisers]);
  return {
    value: y,
    gradient: (dy, saved) => {
      const [q, k, v, seen, y, normalisers] = saved as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];
      const queries = batch * heads * seq;
      const [deltas] = run(flashDeltas, {
        inputs: [y, dy],
        outputs: [[queries]],
        numbers: [queries, headDim],
        groups: groupsOver(queries, lanes),
      }) as [Tensor];
      const inputs = [q, k, v, seen, dy, normalisers, deltas];
      const dq = run(flashQueries(headDim), { inputs, outputs: [q.shape], numbers, groups: queryGroups });
      const dkv = run(flashKeys(headDim), {
        inputs,
        outputs: [k.shape, v.shape],
        numbers,
        groups: [Math.ceil(kvSeq / block), batch * kvHeads, 1],
      });
      return [...dq, ...dkv];
    },
  };
};
