import { clone, engine, type NamedTensorMap, type Scalar, type Tensor, type Variable } from '@tensorflow/tfjs-core';

export interface LeanGradients {
  value: Scalar;
  /** One for each variable; undefined where the loss does not reach it. */
  grads: (Tensor | undefined)[];
}

/**
 * A loss and its gradients, times `dy`, as tfjs computes them; but what one op's gradient has read is freed as the next
 * begins: tfjs itself holds all that the forward pass kept, and the gradient of every value between, until the end.
 *
 * @param loss as to `tf.grads`; no gradient is taken within it, nor it within one
 * @returns tensors that the caller owns, in its `tidy`; where `loss` throws, nothing of it is left
 */
export function leanGradients(loss: () => Scalar, variables: Variable[], dy: Scalar): LeanGradients {
  const kept = () => engine().state.activeTape ?? [];
  const recorded = () => {
    const value = loss();
    freeAsRead(kept());
    return value;
  };
  try {
    // By the engine, since `tf.grads` throws, naming nothing, where one of many variables is not reached.
    return engine().gradients(recorded, variables, dy, true) as LeanGradients;
  } catch (error) {
    // A pass cut short leaves what it saved; no tidy frees that.
    for (const { saved } of kept()) saved?.forEach((tensor) => tensor.dispose());
    throw error;
  }
}

/** An op on the tape. tfjs asks for `gradient` once, from the last op to the first, and then for that of each input. */
interface Node {
  inputs: NamedTensorMap;
  saved?: Tensor[];
  gradient?: (dys: Tensor[]) => Record<string, () => Tensor>;
}

function freeAsRead(tape: Node[]): void {
  /** Ids of values that have a gradient already: to that the next is added, and read with it. */
  const reached = new Set<number>();
  let read: { saved: Tensor[]; gradients: Tensor[] } = { saved: [], gradients: [] };
  for (const node of tape) {
    const { gradient, inputs, saved = [] } = node;
    if (!gradient) continue;
    node.gradient = (dys) => {
      free(read);
      const gradients = dys.filter(Boolean);
      read = { saved, gradients };
      const others = new Set([...saved, ...dys]);
      const noted = (name: string, of: () => Tensor) => () => {
        const dx = apart(of(), others);
        const { id } = inputs[name] as Tensor;
        if (reached.has(id)) gradients.push(dx);
        reached.add(id);
        return dx;
      };
      return Object.fromEntries(Object.entries(gradient(dys)).map(([name, of]) => [name, noted(name, of)]));
    };
  }
}

/** Gradients that the pass did not make, such as a constant or the first `dy`, are not its own to free. */
function free({ saved, gradients }: { saved: Tensor[]; gradients: Tensor[] }): void {
  const { activeScope } = engine().state;
  saved.forEach((tensor) => tensor.dispose());
  gradients.filter(({ scopeId }) => scopeId === activeScope.id).forEach((tensor) => tensor.dispose());
}

/** A tensor that none of the others is, so that each can be freed without the rest. */
function apart(tensor: Tensor, others: Set<Tensor>): Tensor {
  const own = others.has(tensor) ? clone(tensor) : tensor;
  others.add(own);
  return own;
}
