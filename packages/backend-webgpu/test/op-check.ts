import { randomFloats } from '@lowrank/core';
import { dispose, grads, memory, profile, tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';

export interface OpCheck {
  name: string;
  /** Shapes of the inputs that have a gradient; standard normal values, times `spread`. */
  shapes: number[][];
  spread?: number;
  op: (...inputs: Tensor[]) => Tensor;
  /** The same in float64, from the formula. */
  reference: (...inputs: Float64Array[]) => Float64Array;
  /** Gradients in float64, where differences of the formula would take too long. */
  gradients?: (dy: Float64Array, ...inputs: Float64Array[]) => Float64Array[];
  /** Largest difference allowed, for values up to 1 in size. */
  atol: number;
}

export interface OpOutcome {
  name: string;
  atol: number;
  /** Of the value and of each gradient. */
  differences: number[];
  /** tfjs's own kernels that took part. */
  stock: string[];
  /** Tensors left behind. */
  leaked: number;
}

/** Holds an op's value and gradients on the active backend against float64. */
export async function outcomeOf(check: OpCheck): Promise<OpOutcome> {
  const { name, shapes, spread = 1, op, reference, gradients = differences(check), atol } = check;
  const before = memory().numTensors;
  const values = shapes.map((shape, seed) => random(shape, seed + 1).map((value) => value * spread));
  const inputs = values.map((data, index) => tensor(data, shapes[index] as number[]));
  const wide = values.map((data) => Float64Array.from(data));
  const output = tidy(() => op(...inputs));
  const dyValues = random(output.shape, 99);
  const dy = tensor(dyValues, output.shape);
  let found: Tensor[] = [];
  const { kernels } = await profile(() => {
    found = grads(op)(inputs, dy);
    return found;
  });
  const want = [reference(...wide), ...gradients(Float64Array.from(dyValues), ...wide)];
  const got = [];
  for (const value of [output, ...found]) got.push(await value.data());
  dispose([...inputs, output, dy, ...found]);
  return {
    name,
    atol,
    differences: got.map((values, index) => worst(values as Float32Array, want[index] as Float64Array)),
    stock: [...new Set(kernels.map(({ name }) => name))].filter((name) => !free.has(name)).sort(),
    leaked: memory().numTensors - before,
  };
}

/** Kernels of tfjs that compute nothing. */
const free = new Set(['Reshape', 'Identity', 'Cast', 'unnamed scope']);

export function random(shape: number[], seed: number): Float32Array {
  const size = shape.reduce((product, side) => product * side, 1);
  return randomFloats(size, { distribution: 'normal', seed });
}

function worst(actual: Float32Array, expected: Float64Array): number {
  if (actual.length !== expected.length) return Infinity;
  return actual.reduce((most, value, index) => {
    const want = expected[index] as number;
    const apart = Math.abs(value - want) / Math.max(1, Math.abs(want));
    return apart <= most ? most : apart;
  }, 0);
}

/** Central differences of the reference, in float64. */
function differences({ reference }: OpCheck) {
  const step = 1e-5;
  return (dy: Float64Array, ...inputs: Float64Array[]) => {
    const loss = () => reference(...inputs).reduce((sum, value, index) => sum + value * (dy[index] as number), 0);
    return inputs.map((input) =>
      input.map((value, index) => {
        input[index] = value + step;
        const up = loss();
        input[index] = value - step;
        const down = loss();
        input[index] = value;
        return (up - down) / (2 * step);
      }),
    );
  };
}
