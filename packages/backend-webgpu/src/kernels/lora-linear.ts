import type { Kernels } from '@lowrank/core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { matMul } from '../shader/mat-mul.js';

/**
 * `y = x W + bias + hidden B` in one run, with `hidden = scaling · x' A` before it, so that the adapter makes no
 * `[rows, out]` of its own. Backward: `dx = dy Wᵀ + dh Aᵀ` in one run, `dA = x'ᵀ dh`, `dB = hiddenᵀ dy`.
 */
export const loraLinear: Kernels['loraLinear'] = ({ x, dropped, weight, bias, a, b, scaling }, save) => {
  const hidden = matMul({ left: dropped ?? x, right: a, scale: scaling });
  const value = matMul({ left: x, right: weight, bias, extra: { left: hidden, right: b, across: false } });
  save([dropped ?? x, a, b, hidden]);
  return {
    value,
    gradient: (dOut, saved) => {
      const [input, a, b, hidden] = saved as [Tensor2D, Tensor2D, Tensor2D, Tensor2D];
      const dy = dOut as Tensor2D;
      const dHidden = matMul({ left: dy, right: b, rightAcross: true, scale: scaling });
      const extra = { left: dHidden, right: a, across: true };
      const dx = matMul({ left: dy, right: weight, rightAcross: true, extra: dropped ? undefined : extra });
      const dDropped = dropped ? [matMul({ left: dHidden, right: a, rightAcross: true })] : [];
      return [
        dx,
        ...dDropped,
        matMul({ left: input, leftAcross: true, right: dHidden }),
        matMul({ left: hidden, leftAcross: true, right: dy }),
      ];
    },
  };
};
