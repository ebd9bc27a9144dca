import { customGrad, tidy, type GradSaveFunc, type Tensor } from '@tensorflow/tfjs-core';

/** What an op gives for its inputs: the value, and how a gradient passes through it. */
export interface OpResult {
  value: Tensor;
  /** One gradient for each input; `saved` is what `save` was given. */
  gradient: (dy: Tensor, saved: Tensor[]) => Tensor[];
}

/**
 * An op with a gradient of its own; what is no input (a frozen weight, say) gets none, and none is computed.
 * tfjs keeps whatever a gradient makes on its way until the whole backward pass has ended, so each has a tidy.
 *
 * @returns the value, owned by the caller
 */
export function customOp<Inputs extends Tensor[]>(
  inputs: [...Inputs],
  forward: (inputs: Inputs, save: GradSaveFunc) => OpResult,
): Tensor {
  const op = customGrad((...args) => {
    const save = args.pop() as unknown as GradSaveFunc;
    // tfjs frees nothing of what an op saved and then failed, so it is saved once the op has its value.
    let kept: Tensor[] = [];
    const { value, gradient } = forward(args as Inputs, (tensors) => void (kept = tensors));
    save(kept);
    return { value, gradFunc: (dy: Tensor, saved: Tensor[]) => tidy(() => gradient(dy, saved)) };
  });
  return tidy(() => op(...inputs));
}
