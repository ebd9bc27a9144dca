import { randomFloats, useBackend } from '@lowrank/core';
import { wasm } from '@lowrank/backend-wasm';
import { expect, expectClose, finiteDifferences } from '@lowrank/testing';
import { dispose, grads, profile, tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';

export interface KernelCheck {
  /** Shapes of the inputs that have a gradient; standard normal values, times `spread`. */
  shapes: number[][];
  spread?: number;
  op: (...inputs: Tensor[]) => Tensor;
  /** The same in float64, from the formula. */
  reference: (...inputs: Float64Array[]) => Float64Array;
  /** Gradients in float64, where differences of the formula would take too long. */
  gradients?: (dy: Float64Array, ...inputs: Float64Array[]) => Float64Array[];
  /** Largest difference allowed for values up to 1 in size; larger values scale it. */
  atol: number;
  because: string;
}

/** Holds an op and its gradients on wasm against float64; fails where tfjs's own kernels took part. */
export async function checkKernel(check: KernelCheck): Promise<void> {
  await useBackend(wasm({ threads: 2 }));
  const { shapes, spread = 1, op, reference, gradients = differencesOf(check), ...tolerance } = check;
  const values = shapes.map((shape, seed) => random(shape, seed + 1).map((value) => value * spread));
  const inputs = values.map((data, index) => tensor(data, shapes[index] as number[]));
  const wide = values.map((data) => Float64Array.from(data));
  const output = tidy(() => op(...inputs));
  const dyValues = random(output.shape, 99);
  const dy = tensor(dyValues, output.shape);
  let found: Tensor[] = [];
  const { kernels } = await profile(() => (found = grads(op)(inputs, dy)));
  const stock = kernels.map(({ name }) => name).filter((name) => !free.has(name));
  expect(stock, 'kernels that are not our own').toEqual([]);
  expectClose(output, reference(...wide), tolerance);
  const want = gradients(Float64Array.from(dyValues), ...wide);
  found.forEach((gradient, index) => expectClose(gradient, want[index] as Float64Array, tolerance));
  dispose([...inputs, output, dy, ...found]);
}

/** Kernels of tfjs that compute nothing. */
const free = new Set(['Reshape', 'Identity', 'unnamed scope']);

export function random(shape: number[], seed: number): Float32Array {
  const size = shape.reduce((product, side) => product * side, 1);
  return randomFloats(size, { distribution: 'normal', seed });
}

/** Central differences of the reference. */
function differencesOf({ reference }: KernelCheck) {
  return (dy: Float64Array, ...inputs: Float64Array[]) =>
    inputs.map((input, which) =>
      finiteDifferences((x) => {
        const now = inputs.map((other, index) => (index === which ? x : other));
        return reference(...now).reduce((sum, value, index) => sum + value * (dy[index] as number), 0);
      }, input),
    );
}
