import { grads, tensor, tidy, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import type { ConformanceCase } from './conformance-case.js';
import { compare, worstOf, type Outcome } from './outcome.js';
import { owning, type Own } from './owning.js';
import type { Result64 } from './reference/result64.js';
import type { Op, Tolerance } from './tolerances.js';
import { randn, type Values } from './values.js';

export interface OpSetup {
  /** Every input that has a gradient. */
  inputs: Values[];
  /** The op on the backend, its frozen tensors made anew and owned by the case; a layer holds its last inputs itself. */
  make: (own: Own) => Compute | Holding;
  /** The same in float64. */
  reference: (...inputs: Float64Array[]) => Result64;
  /** The size of terms that cancel out of the gradients, which then are held to `atol` times it. Default 1. */
  cancelling?: number;
  /** Of the op's value; that of the first input when left out. */
  shape?: number[];
}

type Compute = (...inputs: Tensor[]) => Tensor;

interface Holding {
  compute: Compute;
  /** Those that are assigned the last inputs. */
  variables: Variable[];
}

export interface OpSpec {
  op: Op;
  title: string;
  large?: boolean;
  /** Makes the numbers only when the case runs. */
  setup: () => OpSetup | Promise<OpSetup>;
}

/** A case that holds an op's value and each gradient to float64, and sees to it that inputs stay what they were. */
export function opCase({ op, title, large = false, setup }: OpSpec): ConformanceCase {
  const run = (tolerance: Tolerance) => owning(async (own) => outcomeOf(await setup(), tolerance, own));
  return { op, title, large, run };
}

async function outcomeOf(
  { inputs, make, reference, shape, cancelling = 1 }: OpSetup,
  tolerance: Tolerance,
  own: Own,
): Promise<Outcome> {
  const made = make(own);
  const { compute, variables } = typeof made === 'function' ? { compute: made, variables: [] } : made;
  // A copy: cpu works on the very array that it is given, and so would the reference then.
  const tensors = inputs.map(({ data, shape }) => own(tensor(data.slice(), shape)));
  const held = tensors.splice(tensors.length - variables.length);
  variables.forEach((variable, index) => variable.assign(held[index] as Tensor));
  const given = [...tensors, ...variables];
  const output = own(tidy(() => compute(...given)));
  requireShape(output, shape ?? (inputs[0] as Values).shape);
  const direction = randn(output.shape, 77);
  const gradients = grads(compute)(given, own(tensor(direction.data, output.shape))).map(own);

  const expected = reference(...inputs.map(({ data }) => Float64Array.from(data)));
  const slopes = expected.gradient(Float64Array.from(direction.data));
  const outcomes = [compare('the value', await output.data(), expected.value, tolerance)];
  const loose = { ...tolerance, atol: tolerance.atol * Math.max(1, cancelling) };
  for (const [which, gradient] of gradients.entries()) {
    const slope = slopes[which] as Float64Array;
    outcomes.push(compare(`the gradient of input ${which}`, await gradient.data(), slope, loose));
  }
  for (const [which, input] of given.entries()) await requireSame(`input ${which}`, input, inputs[which] as Values);
  return worstOf(outcomes);
}

function requireShape({ shape, dtype }: Tensor, expected: number[]): void {
  if (shape.join() === expected.join() && dtype === 'float32') return;
  throw new Error(`its value is ${dtype} [${shape.join(', ')}] where float32 [${expected.join(', ')}] is expected`);
}

/** Throws where a tensor is not what it was: an op that works in place would change weights. */
export async function requireSame(name: string, input: Tensor, { data }: { data: Float32Array }): Promise<void> {
  const now = await input.data();
  if (data.some((value, index) => value !== now[index])) throw new Error(`it changes ${name} in place`);
}
