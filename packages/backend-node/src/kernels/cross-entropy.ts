import type { CrossEntropyArgs, Kernel } from '@lowrank/core';
import { mul, tensor1d, tensor2d, type Tensor } from '@tensorflow/tfjs-core';
import type { Run } from '../graph/load-programs.js';
import { ofType } from '../graph/node-def.js';
import { program } from '../graph/program.js';
import { forward } from './forward.js';

export const crossEntropyPrograms = {
  /** `idsTargets [rows]`, `shares [rows, 1]`: what each row counts of the mean, 0 for none. */
  crossEntropy: program(['logits', 'idsTargets', 'shares'], (f, { logits, idsTargets, shares }) => {
    const losses = f.node('SparseSoftmaxCrossEntropyWithLogits', [logits, idsTargets], 'float32', {
      T: ofType('float32'),
      Tlabels: ofType('int32'),
    });
    const slopes = { ...losses, name: losses.name.replace(/0$/, '1') };
    const counted = f.mul(losses, f.reshape(shares, f.constant([-1], [1], 'int32')));
    const value = f.reshape(f.sum(counted), f.constant([], [0], 'int32'));
    return [value, f.mul(slopes, shares)];
  }),
};

/** TensorFlow makes the gradient along with the loss: beside the logits, it is the only matrix of their size. */
export function crossEntropy(run: Record<keyof typeof crossEntropyPrograms, Run>): Kernel<CrossEntropyArgs> {
  return ({ logits, targets, ignoreIndex, count }, save) => {
    const shares = Float32Array.from(targets, (target) => (target === ignoreIndex ? 0 : 1 / count));
    const ids = tensor1d(
      targets.map((target) => (target === ignoreIndex ? 0 : target)),
      'int32',
    );
    const [value, ...slopes] = forward(run.crossEntropy, logits, ids, tensor2d(shares, [targets.length, 1]));
    save(slopes);
    return { value, gradient };
  };
}

/** A loss that is the end of the pass has `dy` 1. */
function gradient(dy: Tensor, [slopes]: Tensor[]): Tensor[] {
  const [factor] = dy.dataSync();
  return [factor === 1 ? (slopes as Tensor).clone() : mul(slopes as Tensor, dy)];
}
