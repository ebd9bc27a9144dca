import { clone, engine, type NamedTensorMap, type Scalar, type Tensor, type Variable } from '@tensorflow/tfjs-core';

/** What `leanGradients` gives. */
export type LeanGradients = {
  value: Scalar;
  /** One for each variable; undefined where the loss does not reach it. */
  grads: (Tensor | undefined)[];
};

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
  /** Ids of values that have a gradient: the next one is added to it, and goes. */
  const reached = new Set<number>();
  let read = new Set<Tensor>();
  let last = tape.length;
  tape.forEach((node, at) => {
    const { gradient, inputs, saved = [] } = node;
    if (!gradient) return;
    node.gradient = (dys) => {
      const { activeScope } = engine().state;
      // Only what this pass has made: not its first `dy`, nor a constant that some op gave.
      for (const tensor of read) if (tensor.scopeId === activeScope.id) tensor.dispose();
      for (const { saved } of tape.slice(at + 1, last)) saved?.forEach((tensor) => tensor.dispose());
      last = at + 1;

      const before = activeScope.track.length;
      const ofInputs = Object.entries(gradient(dys));
      // With what nobody will ask for: an op of ours makes the gradients of all its inputs.
      read = new Set([...dys.filter(Boolean), ...activeScope.track.slice(before)]);
      const taken = new Set([...dys, ...saved]);
      const noted = (name: string, of: () => Tensor) => () => {
        const dx = apart(of(), taken);
        const { id } = inputs[name] as Tensor;
        if (reached.has(id)) read.add(dx);
        else read.delete(dx);
        reached.add(id);
        return dx;
      };
      return Object.fromEntries(ofInputs.map(([name, of]) => [name, noted(name, of)]));
    };
  });
}

/** A tensor that no other use has taken, so that it can be freed without them. */
function apart(tensor: Tensor, taken: Set<Tensor>): Tensor {
  const own = taken.has(tensor) ? clone(tensor) : tensor;
  taken.add(own);
  return own;
}
