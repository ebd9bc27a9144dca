import type { GeluArgs, Kernel } from '@lowrank/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { runElements } from '../native/elements.js';
import { workplace } from '../native/tensors.js';

/** GELU, exact or by tanh, and its gradient in one pass each. */
export const gelu: Kernel<GeluArgs> = ({ x, approximate }, save) => {
  const { engine, make, at } = workplace();
  const value = make(x.shape);
  const [forward, backward] =
    approximate === 'tanh' ? (['geluTanh', 'geluTanhGradient'] as const) : (['gelu', 'geluGradient'] as const);
  runElements(engine, forward, x.size, { out: at(value), x: at(x) });
  save([x]);
  return {
    value,
    gradient: (dy, saved) => {
      const [x] = saved as [Tensor];
      const dx = make(x.shape);
      runElements(engine, backward, x.size, { out: at(dx), x: at(x), y: at(dy) });
      return [dx];
    },
  };
};
