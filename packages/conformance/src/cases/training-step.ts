import { adamw, LowrankError, type BlockFormat } from '@lowrank/core';
import { dispose, memory, tidy, variableGrads, zerosLike, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import type { ConformanceCase } from '../conformance-case.js';
import { compare, holds, worstOf, type Outcome } from '../outcome.js';
import { owning, type Own } from '../owning.js';
import { adamw64, type State64 } from '../reference/adamw64.js';
import type { Tolerance } from '../tolerances.js';
import { loss64 } from '../training/loss64.js';
import { training, type Training } from '../training/loss.js';
import { slopes64 } from '../training/slopes64.js';
import { startOf, tinyModel, type Family } from '../training/tiny-model.js';

const steps = 5;

/** Epsilon is large, so that a gradient near zero moves its weight by no more than it should. */
const optimizer = { learningRate: 0.02, beta1: 0.9, beta2: 0.99, epsilon: 1e-3, weightDecay: 0.01 };

/** Whole steps of a small transformer with adapters: loss, every gradient and every weight, and what is left behind. */
export const trainingStepCases: ConformanceCase[] = [
  learns('a Llama of two layers', 'llama'),
  learns('a BERT of two layers', 'bert'),
  ...(['int8', 'nf4', 'q4', 'f16', 'bf16'] as const).map((format) => learns(`a Llama over ${format}`, 'llama', format)),
  learns('a BERT over nf4', 'bert', 'nf4'),
  {
    op: 'trainingStep',
    title: 'a step that fails leaves every weight as it was',
    large: false,
    run: (tolerance) => owning((own) => failing(own, tolerance)),
  },
];

function learns(title: string, family: Family, format?: BlockFormat): ConformanceCase {
  const run = (tolerance: Tolerance) => owning((own) => learning(own, tolerance, family, format));
  return { op: 'trainingStep', title: `${title}, ${steps} steps`, large: false, run };
}

async function learning(own: Own, tolerance: Tolerance, family: Family, format?: BlockFormat): Promise<Outcome> {
  const model = await tinyModel(family, format);
  const run = training(model, own);
  let means = { m: zerosOf(run.variables), v: zerosOf(run.variables) };
  let states: State64[] = startOf().map(({ data }) => ({
    parameter: Float64Array.from(data),
    m: new Float64Array(data.length),
    v: new Float64Array(data.length),
  }));
  const outcomes: Outcome[] = [];
  let held = { numTensors: 0, numBytes: 0 };
  try {
    for (let step = 1; step <= steps; step++) {
      const factors = states.map(({ parameter }) => parameter);
      const slopes = slopes64(factors, (factors) => loss64(model, factors));
      states = states.map((state, index) => adamw64(state, slopes[index] as Float64Array, { ...optimizer, step }));

      const { loss, gradients } = await gradientsOf(run);
      const after = adamw({ parameters: run.variables, gradients, ...means, ...optimizer, step });
      run.variables.forEach((variable, index) => variable.assign(after.parameters[index] as Tensor));
      const found = await Promise.all(gradients.map((gradient) => gradient.data()));
      dispose([means.m, means.v, gradients, after.parameters].flat());
      means = { m: after.m, v: after.v };

      const now = memory();
      if (step > 1) holds(now.numTensors === held.numTensors, `step ${step} leaves tensors behind`);
      if (step > 1) holds(now.numBytes === held.numBytes, `step ${step} leaves bytes behind`);
      held = now;
      outcomes.push(compare(`the loss of step ${step}`, [loss], [loss64(model, factors)], tolerance));
      found.forEach((values, index) =>
        outcomes.push(compare(`gradient ${index} of step ${step}`, values, slopes[index] as Float64Array, tolerance)),
      );
      for (const [index, variable] of run.variables.entries()) {
        const { parameter } = states[index] as State64;
        outcomes.push(compare(`weight ${index} after step ${step}`, await variable.data(), parameter, tolerance));
      }
    }
  } finally {
    dispose([means.m, means.v].flat());
  }
  return worstOf(outcomes);
}

async function gradientsOf({ variables, loss }: Training): Promise<{ loss: number; gradients: Tensor[] }> {
  const { value, grads } = variableGrads(() => loss(), variables);
  const [number] = await value.data();
  value.dispose();
  return { loss: number as number, gradients: variables.map(({ name }) => grads[name] as Tensor) };
}

/** A target outside the vocabulary is found in the forward pass, after every layer has run. */
async function failing(own: Own, tolerance: Tolerance): Promise<Outcome> {
  const model = await tinyModel('llama');
  const { variables, loss } = training(model, own);
  const targets = model.targets.map((target, at) => (at === 3 ? 99 : target));
  let thrown: unknown;
  try {
    tidy(() => variables.length > 0 && loss(targets));
  } catch (error) {
    thrown = error;
  }
  holds(LowrankError.is(thrown, 'data-invalid'), `it throws "data-invalid", not ${String(thrown)}`);
  const exact = { ...tolerance, atol: 0, rtol: 0 };
  const now = await valuesOf(variables);
  return worstOf(startOf().map(({ data }, index) => compare(`weight ${index}`, now[index] ?? [], data, exact)));
}

function zerosOf(variables: Tensor[]): Tensor[] {
  return variables.map((variable) => zerosLike(variable));
}

function valuesOf(variables: Variable[]): Promise<ArrayLike<number>[]> {
  return Promise.all(variables.map((variable) => variable.data()));
}
