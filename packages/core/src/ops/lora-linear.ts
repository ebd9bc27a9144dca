import {
  add,
  matMul,
  mul,
  reshape,
  tidy,
  zeros,
  zerosLike,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from '@tensorflow/tfjs-core';
import type { FrozenWeight } from '../backend/kernels.js';
import { customOp } from './custom-op.js';
import { dispatch, type Composed } from './dispatch.js';
import { frozenLinear } from './frozen-linear.js';
import { frozenProduct } from './frozen-product.js';
import { lowRankProduct } from './low-rank-product.js';
import { requireShape } from './require-shape.js';
import { requireFeatures, rowsOf } from './rows.js';

export interface LoraLinearWeights {
  /** Frozen, `[in, out]`. */
  weight: FrozenWeight;
  /** Frozen, `[out]`. */
  bias?: Tensor1D | undefined;
  /** `[in, rank]` */
  a: Tensor2D;
  /** `[rank, out]` */
  b: Tensor2D;
  scaling: number;
  /** A does not learn (LoRA-FA): then nothing is kept, and nothing computed, for a gradient of it. Default false. */
  frozenA?: boolean | undefined;
}

/**
 * A frozen linear layer and its adapter in one: `y = x W + bias + scaling · (x' A) B`, where `x'` is `x` or what
 * dropout left of it.
 *
 * Backward, with `h = scaling · x' A` kept: `dB = hᵀ dy`, `dh = scaling · dy Bᵀ`, `dA = x'ᵀ dh`, `dx' = dh Aᵀ`,
 * `dx = dy Wᵀ`. No `[in, out]` matrix is made, no output kept.
 *
 * @param x `[..., in]`
 * @param dropped the adapter's own input, the same shape; `x` where there is no dropout
 * @returns `[..., out]`, owned by the caller.
 * @throws `shape-mismatch`, `dtype-unsupported`
 * @see Hu et al. 2021, https://arxiv.org/abs/2106.09685, eq. 3
 */
export function loraLinear(x: Tensor, weights: LoraLinearWeights, dropped = x): Tensor {
  const { weight, bias, a, b, scaling, frozenA } = weights;
  const { shape } = x;
  const rows = rowsOf(shape);
  const [features, out] = weight.shape;
  const rank = a.shape[1];
  requireFeatures('loraLinear', shape, features);
  requireShape('loraLinear', 'dropped', dropped, shape);
  requireShape('loraLinear', 'bias', bias, [out]);
  requireShape('loraLinear', 'a', a, [features, rank]);
  requireShape('loraLinear', 'b', b, [rank, out]);
  if (frozenA && rows > 0) return tidy(() => add(frozenLinear(x, weight, bias), lowRankProduct(dropped, weights)));
  const flat = (input: Tensor): Tensor2D => reshape(input, [rows, features]);

  const run = (x: Tensor, dropped: Tensor | undefined, a: Tensor2D, b: Tensor2D, save: (kept: Tensor[]) => void) => {
    if (rows === 0) {
      const inputs = [x, ...(dropped ? [dropped] : []), a, b];
      return { value: zeros([...shape.slice(0, -1), out]), gradient: () => inputs.map((input) => zerosLike(input)) };
    }
    const args = { x: flat(x), dropped: dropped && flat(dropped), weight, bias, a, b, scaling };
    const { value, gradient } = dispatch('loraLinear', composed, args, save);
    return {
      value: reshape(value, [...shape.slice(0, -1), out]),
      gradient: (dy: Tensor, saved: Tensor[]) => {
        const gradients = gradient(reshape(dy, [rows, out]), saved);
        const [inputs, [dA, dB]] = [gradients.slice(0, -2), gradients.slice(-2) as [Tensor, Tensor]];
        return [...inputs.map((dx) => reshape(dx, shape)), dA, dB];
      },
    };
  };
  if (dropped === x) return customOp([x, a, b], ([x, a, b], save) => run(x, undefined, a, b, save));
  return customOp([x, dropped, a, b], ([x, dropped, a, b], save) => run(x, dropped, a, b, save));
}

const composed: Composed<'loraLinear'> = ({ x, dropped, weight, bias, a, b, scaling }, save) => {
  const hidden: Tensor2D = mul(matMul(dropped ?? x, a), scaling);
  const sum = add(frozenProduct(x, weight, false, false), matMul(hidden, b));
  save([dropped ?? x, a, b, hidden]);
  return {
    value: bias ? add(sum, bias) : sum,
    gradient: (dOut, saved) => {
      const [input, a, b, hidden] = saved as [Tensor2D, Tensor2D, Tensor2D, Tensor2D];
      const dy = dOut as Tensor2D;
      const dHidden: Tensor2D = mul(matMul(dy, b, false, true), scaling);
      const dx = frozenProduct(dy, weight, false, true);
      const dDropped = matMul(dHidden, a, false, true);
      const factors = [matMul(input, dHidden, true, false), matMul(hidden, dy, true, false)];
      return dropped ? [dx, dDropped, ...factors] : [add(dx, dDropped), ...factors];
    },
  };
};
