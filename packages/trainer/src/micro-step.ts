import { leanGradients, LowrankError, type Parameter } from '@lowrank/core';
import { add, clone, mul, scalar, tidy, type NamedTensorMap, type Scalar } from '@tensorflow/tfjs-core';

/** A loss and its gradients by parameter name; a parameter that the loss does not reach has none. */
export interface Sums {
  loss: Scalar;
  gradients: NamedTensorMap;
}

/**
 * Forward and backward over one micro-batch, in one synchronous `tidy`.
 *
 * @param share what its loss and gradients are multiplied by
 * @param sums those of the micro-batches before, to which they are added; freed
 * @returns the new sums, owned by the caller
 */
export function microStep(parameters: Parameter[], loss: () => Scalar, share: number, sums?: Sums): Sums {
  const next = tidy(() => {
    const { value, grads } = gradientsOf(parameters, loss, share);
    const gradients: NamedTensorMap = {};
    parameters.forEach(({ name }, index) => {
      const [now, before] = [grads[index], sums?.gradients[name]];
      if (now && before) gradients[name] = add(before, now);
      else if (now ?? before) gradients[name] = clone((now ?? before)!);
    });
    const weighted = mul(value, share);
    return { loss: (sums ? add(sums.loss, weighted) : weighted) as Scalar, gradients };
  });
  if (sums) disposeSums(sums);
  return next;
}

export function disposeSums({ loss, gradients }: Sums): void {
  loss.dispose();
  for (const gradient of Object.values(gradients)) gradient.dispose();
}

function gradientsOf(parameters: Parameter[], loss: () => Scalar, share: number) {
  const variables = parameters.map(({ variable }) => variable);
  return leanGradients(() => checked(loss()), variables, scalar(share));
}

function checked(loss: Scalar): Scalar {
  if (loss.rank === 0) return loss;
  throw new LowrankError('shape-mismatch', {
    given: `a loss of shape [${loss.shape.join(', ')}]`,
    rule: 'it must be a scalar, the mean over the targets of the batch',
    fix: 'reduce it, e.g. with tf.mean',
  });
}
