import { randomFloats } from '@lowrank/core';
import { dispose, grads, tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { finiteDifferences } from './finite-differences.js';
import { expectClose, type Tolerance } from './to-be-close.js';

export interface OpCheck extends Tolerance {
  /** Every input that has a gradient. */
  inputs: Tensor[];
  op: (...inputs: Tensor[]) => Tensor;
  /** The same function in float64, written from the formula: flat values in, flat values out. */
  reference: (...inputs: Float64Array[]) => ArrayLike<number>;
}

/** Holds an op's output against a float64 formula, and its gradients against finite differences of that formula. */
export function checkOp({ inputs, op, reference, ...tolerance }: OpCheck): void {
  const values = inputs.map((input) => Float64Array.from(input.dataSync()));
  const output = tidy(() => op(...inputs));
  expectClose(output, reference(...values), tolerance);

  const weights = randomFloats(output.size, { distribution: 'normal', seed: 99 });
  const dy = tensor(weights, output.shape);
  const gradients = grads(op)(inputs, dy);
  gradients.forEach((gradient, which) => {
    const loss = (x: Float64Array) => {
      const now = values.map((value, index) => (index === which ? x : value));
      return weightedSum(reference(...now), weights);
    };
    expectClose(gradient, finiteDifferences(loss, values[which] as Float64Array), tolerance);
  });
  dispose([output, dy, ...gradients]);
}

function weightedSum(values: ArrayLike<number>, weights: Float32Array): number {
  let total = 0;
  for (let index = 0; index < values.length; index++) total += (values[index] as number) * (weights[index] as number);
  return total;
}
