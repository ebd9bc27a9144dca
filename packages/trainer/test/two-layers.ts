import {
  crossEntropy,
  FrozenLinear,
  LoraLinear,
  randomFloats,
  type InitialFactors,
  type ForwardContext,
  type Parameter,
} from '@lowrank/core';
import type { BatchSource } from '@lowrank/trainer';
import { add, mul, sigmoid, tensor2d, tidy, type Scalar, type Tensor2D } from '@tensorflow/tfjs-core';

/** Points `[rows, 6]` and a class of 0 to 3 for each; -100 where none counts. */
export interface Points {
  x: Float32Array;
  targets: Int32Array;
}

export interface TwoLayers extends Disposable {
  first: LoraLinear;
  second: LoraLinear;
  /** What `train` takes of it. */
  task: { parameters: Parameter[]; loss: (batch: Points, context?: ForwardContext) => Scalar };
}

/**
 * A frozen classifier 6 -> 5 -> 4 with an adapter on each layer: the smallest thing that trains like a model.
 *
 * @param start of the first layer's factors
 */
export function twoLayers({ dropout = 0, start }: { dropout?: number; start?: InitialFactors } = {}): TwoLayers {
  const bases = [frozen(6, 5, 1), frozen(5, 4, 2)] as const;
  const first = LoraLinear.fromBase(bases[0], { rank: 2, alpha: 4, dropout, seed: 1, start });
  const second = LoraLinear.fromBase(bases[1], { rank: 2, alpha: 4, dropout, seed: 2 });
  return {
    first,
    second,
    task: {
      parameters: [...first.parameters('first'), ...second.parameters('second')],
      loss: ({ x, targets }, context) =>
        tidy(() => {
          const hidden = first.forward(tensor2d(x, [targets.length, 6]), context);
          const gated = mul(hidden, sigmoid(add(hidden, 1)));
          return crossEntropy(second.forward(gated, context) as Tensor2D, targets);
        }),
    },
    [Symbol.dispose]: () => [...bases, first, second].forEach((layer) => layer.dispose()),
  };
}

/** Endless seeded batches of `rows` points; micro-batch i leaves out every target whose row is below `ignored(i)`. */
export function points(rows: number, ignored: (index: number) => number = () => 0): BatchSource<Points> {
  return {
    batchesPerEpoch: 4,
    weight: ({ targets }) => targets.filter((target) => target !== -100).length,
    at(index) {
      const x = randomFloats(rows * 6, { distribution: 'normal', seed: index + 1 });
      const label = (row: number) => (x[row * 6]! > 0 ? 2 : 0) + (x[row * 6 + 1]! > 0 ? 1 : 0);
      const targets = Int32Array.from({ length: rows }, (_, row) => (row < ignored(index) ? -100 : label(row)));
      return { x, targets };
    },
  };
}

function frozen(features: number, out: number, seed: number): FrozenLinear {
  return new FrozenLinear(tensor2d(randomFloats(features * out, { distribution: 'normal', seed }), [features, out]));
}
