import type { Kernel, LayerNormArgs, OpResult, RmsNormArgs } from '@lowrank/core';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { runRows } from '../native/rows.js';
import { workplace } from '../native/tensors.js';

/** A row's mean and `r = 1 / sqrt(variance + epsilon)` in one go; of a row, those two numbers are kept beside x. */
export const layerNorm: Kernel<LayerNormArgs> = ({ x, weight, bias, epsilon }, save) =>
  norm({ x, weight, bias, epsilon, flag: 1 }, save);

/** As a layer norm whose mean stays 0 and which has no bias. */
export const rmsNorm: Kernel<RmsNormArgs> = ({ x, weight, epsilon }, save) =>
  norm({ x, weight, bias: undefined, epsilon, flag: 0 }, save);

interface Norm {
  x: Tensor2D;
  weight: Tensor1D;
  bias: Tensor1D | undefined;
  epsilon: number;
  flag: 0 | 1;
}

function norm({ x, weight, bias, epsilon, flag }: Norm, save: (kept: Tensor[]) => void): OpResult {
  const { engine, make, at } = workplace();
  const [rows, columns] = x.shape;
  const [value, stats] = [make(x.shape), make([rows, 2])];
  const size = { rows, columns, flag };
  const forward = { out: at(value), x: at(x), y: at(weight), z: at(bias), w: at(stats) };
  runRows(engine, 'norm', { ...forward, ...size, factor: epsilon });
  save([x, stats]);
  return {
    value,
    gradient: (dy, saved) => {
      const [x, stats] = saved as [Tensor, Tensor];
      const dx = make(x.shape);
      const backward = { out: at(dx), x: at(x), y: at(weight), z: at(dy), w: at(stats) };
      runRows(engine, 'normGradient', { ...backward, ...size });
      return [dx];
    },
  };
}
