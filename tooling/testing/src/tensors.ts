import { randomFloats } from '@lowrank/core';
import { keep, tensor, type Rank, type Tensor } from '@tensorflow/tfjs-core';

export interface Tensors {
  /** Standard normal values of `shape`, from the test's own seeded stream. */
  randn<R extends Rank = Rank>(shape: number[]): Tensor<R>;
  /** A tensor of given values. */
  of<R extends Rank = Rank>(values: ArrayLike<number>, shape: number[], dtype?: 'float32' | 'int32'): Tensor<R>;
  dispose(): void;
}

/** Input tensors that live as long as a test. */
export function tensorsFor(seed: number): Tensors {
  const made: Tensor[] = [];
  let next = seed;
  const own = <R extends Rank>(value: Tensor): Tensor<R> => {
    made.push(keep(value));
    return value as Tensor<R>;
  };
  return {
    randn: (shape) => own(tensor(randomFloats(size(shape), { distribution: 'normal', seed: next++ }), shape)),
    of: (values, shape, dtype = 'float32') => own(tensor(typed(values, dtype), shape, dtype)),
    dispose: () => made.forEach((value) => value.dispose()),
  };
}

const size = (shape: number[]) => shape.reduce((product, side) => product * side, 1);

function typed(values: ArrayLike<number>, dtype: 'float32' | 'int32') {
  return dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values);
}
