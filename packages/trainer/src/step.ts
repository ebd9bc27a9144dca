import { deriveSeed, LowrankError, type ForwardContext, type Parameter } from '@lowrank/core';
import { square, stack, sum, tidy, type NamedTensorMap, type Scalar, type Tensor } from '@tensorflow/tfjs-core';
import type { BatchSource } from './data/batch-source.js';
import { disposeSums, microStep, type Sums } from './micro-step.js';
import { nextTurn } from './next-turn.js';

export interface StepInput<Batch> {
  parameters: Parameter[];
  loss: (batch: Batch, context: ForwardContext) => Scalar;
  batches: BatchSource<Batch>;
  accumulate: number;
  seed: number;
}

export interface StepGradients {
  /** The mean over all targets. */
  loss: number;
  targets: number;
  /** Of that mean, by parameter name; owned by whoever asked. */
  gradients: NamedTensorMap;
  /** The sum of squares of each gradient. */
  squares: Map<string, number>;
}

/**
 * The mean loss over the targets of `accumulate` micro-batches and its gradients: what one large batch would give,
 * `Σ wᵢ lossᵢ / Σ wᵢ` with wᵢ the targets of micro-batch i. Reads the backend once, at its end.
 *
 * @param step the update's number, from 1
 * @throws `data-invalid` when no target counts
 */
export async function gradientStep<Batch>(input: StepInput<Batch>, step: number): Promise<StepGradients> {
  const { parameters, loss, seed } = input;
  const micro = microBatches(input, step);
  const targets = micro.reduce((total, { weight }) => total + weight, 0);
  if (targets === 0) throw noTargets(step);
  let sums: Sums | undefined;
  try {
    for (const { batch, weight, index } of micro) {
      if (weight === 0) continue;
      const context = { training: true, seed: deriveSeed(seed, `batch/${index}`) };
      sums = microStep(parameters, () => loss(batch, context), weight / targets, sums);
      await nextTurn();
    }
    const { loss: total, gradients } = sums as Sums;
    const [mean, ...squares] = await read(total, Object.values(gradients));
    total.dispose();
    const bySquares = new Map(Object.keys(gradients).map((name, index) => [name, squares[index] as number]));
    return { loss: mean as number, targets, gradients, squares: bySquares };
  } catch (error) {
    if (sums) disposeSums(sums);
    throw error;
  }
}

function microBatches<Batch>({ batches, accumulate }: StepInput<Batch>, step: number) {
  return Array.from({ length: accumulate }, (_, micro) => {
    const index = (step - 1) * accumulate + micro;
    const batch = batches.at(index);
    const weight = batches.weight(batch);
    if (!Number.isFinite(weight) || weight < 0) {
      throw new LowrankError('data-invalid', {
        given: `micro-batch ${index} of weight ${weight}`,
        rule: 'a weight is the number of targets that count',
        fix: 'correct `weight` of the batch source',
      });
    }
    return { batch, weight, index };
  });
}

async function read(loss: Scalar, gradients: Tensor[]): Promise<number[]> {
  const reading = tidy(() => stack([loss, ...gradients.map((gradient) => sum(square(gradient)))]));
  try {
    return Array.from(await reading.data());
  } finally {
    reading.dispose();
  }
}

function noTargets(step: number): LowrankError {
  return new LowrankError('data-invalid', {
    given: `the batches of step ${step}`,
    rule: 'at least one of their targets must count',
    fix: 'leave out examples whose targets are all -100',
  });
}
