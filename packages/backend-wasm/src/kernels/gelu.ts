import type { GeluArgs, Kernel } from '@lowrank/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { runElements } from '../native/elements.js';
import { workplace } from '../native/tensors.js';

/** The exact GELU and its gradient in one pass each; the one by tanh is left to be composed. */
export const gelu: Kernel<GeluArgs> = ({ x, approximate }, save) => {
  if (approximate !== 'none') return undefined;
  const { engine, make, at } = workplace();
  const value = make(x.shape);
  runElements(engine, 'gelu', x.size, { out: at(value), x: at(x) });
  save([x]);
  return {
    value,
    gradient: (dy, saved) => {
      const [x] = saved as [Tensor];
      const dx = make(x.shape);
      runElements(engine, 'geluGradient', x.size, { out: at(dx), x: at(x), y: at(dy) });
      return [dx];
    },
  };
};
