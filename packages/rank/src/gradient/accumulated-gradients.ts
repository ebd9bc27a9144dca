import { leanGradients, LowrankError, type ForwardContext, type Parameter } from '@lowrank/core';
import { add, scalar, tidy, type Scalar, type Tensor } from '@tensorflow/tfjs-core';

/** What a gradient is of, in the form that `train` takes it. */
export interface GradientSource<Batch> {
  /** The mean over a batch's targets. */
  loss: (batch: Batch, context: ForwardContext) => Scalar;
  /** As the trainer's `BatchSource`. */
  batches: { at(index: number): Batch; weight(batch: Batch): number };
}

interface AccumulateOptions {
  steps: number;
  signal?: AbortSignal | undefined;
  onProgress: (done: number) => void;
}

/**
 * The gradients of the mean loss over all targets of the first batches, out of the backend.
 *
 * @returns in the order of `parameters`
 * @throws `data-invalid` where no target counts, `config-invalid` for a parameter that the loss does not reach,
 * `not-finite`
 */
export async function accumulatedGradients<Batch>(
  { loss, batches }: GradientSource<Batch>,
  parameters: Parameter[],
  { steps, signal, onProgress }: AccumulateOptions,
): Promise<Float32Array[]> {
  let sums: Tensor[] = [];
  let targets = 0;
  try {
    for (let step = 0; step < steps; step++) {
      signal?.throwIfAborted();
      const batch = batches.at(step);
      const weight = batches.weight(batch);
      targets += weight;
      if (weight > 0)
        sums = added(
          sums,
          gradientsOf(parameters, () => loss(batch, evaluation), weight),
        );
      onProgress(step + 1);
      await turn();
    }
    if (targets === 0) throw noTargets(steps);
    const values = await Promise.all(sums.map((sum) => sum.data() as Promise<Float32Array>));
    return values.map((gradient, at) => means(gradient, targets, parameters[at] as Parameter));
  } finally {
    sums.forEach((sum) => sum.dispose());
  }
}

const evaluation: ForwardContext = { training: false, seed: 0 };

/** Times `weight`, the caller's to dispose. */
function gradientsOf(parameters: Parameter[], loss: () => Scalar, weight: number): Tensor[] {
  return tidy(() => {
    const variables = parameters.map(({ variable }) => variable);
    const { grads } = leanGradients(loss, variables, scalar(weight));
    const missed = grads.findIndex((gradient) => !gradient);
    if (missed >= 0) throw notReached(parameters[missed] as Parameter);
    return grads as Tensor[];
  });
}

function added(sums: Tensor[], next: Tensor[]): Tensor[] {
  if (sums.length === 0) return next;
  const both = tidy(() => sums.map((sum, at) => add(sum, next[at] as Tensor)));
  [...sums, ...next].forEach((tensor) => tensor.dispose());
  return both;
}

function means(gradient: Float32Array, targets: number, { path }: Parameter): Float32Array {
  const wrong = gradient.find((value) => !Number.isFinite(value));
  if (wrong === undefined) return gradient.map((value) => value / targets);
  throw new LowrankError('not-finite', {
    given: `${wrong} in the gradient of "${path}"`,
    rule: 'a gradient is finite',
    fix: 'look for data that give no finite loss',
  });
}

/** Signals and timers are heard between two batches. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

function notReached({ path }: Parameter): LowrankError {
  return new LowrankError('config-invalid', {
    given: `factors of "${path}"`,
    rule: 'the loss does not go through them',
    fix: 'activate their adapter: manager.activate(name)',
  });
}

function noTargets(steps: number): LowrankError {
  return new LowrankError('data-invalid', {
    given: `the first ${steps} batches`,
    rule: 'at least one of their targets must count',
    fix: 'leave out examples whose targets are all -100',
  });
}
