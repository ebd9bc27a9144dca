import type { Kernel, SwigluArgs } from '@lowrank/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { runElements } from '../native/elements.js';
import { workplace } from '../native/tensors.js';

/** `silu(gate) · up` in one pass, and both gradients in another. */
export const swiglu: Kernel<SwigluArgs> = ({ gate, up }, save) => {
  const { engine, make, at } = workplace();
  const value = make(gate.shape);
  runElements(engine, 'swiglu', gate.size, { out: at(value), x: at(gate), y: at(up) });
  save([gate, up]);
  return {
    value,
    gradient: (dy, saved) => {
      const [gate, up] = saved as [Tensor, Tensor];
      const [dGate, dUp] = [make(gate.shape), make(up.shape)];
      const addresses = { out: at(dGate), w: at(dUp), x: at(gate), y: at(up), z: at(dy) };
      runElements(engine, 'swigluGradient', gate.size, addresses);
      return [dGate, dUp];
    },
  };
};
