import { bytesOf, type Tape, type Value } from './tape.js';

/** What a backward pass holds at its end. */
export interface Backward {
  /** Bytes of the gradients of values, for each section. */
  values: number[];
  /** Bytes of the gradients of what is trained. */
  trained: number;
}

/**
 * Walks a tape backwards as tfjs does: no gradient is freed before the end, but one to which another is added. The
 * gradient of a view is a view of the gradient.
 */
export function backward({ nodes }: Tape): Backward {
  const values = Array.from({ length: (nodes.at(-1)?.section ?? 0) + 1 }, () => 0);
  /** Of each value with a gradient, whether that has memory of its own. */
  const owns = new Map<Value, boolean>();
  let trained = 0;
  for (const node of nodes.toReversed().filter(({ learns }) => learns)) {
    const shares = node.view === true || node.passes === true;
    const make = ({ rows, features }: Value) => {
      values[node.section] = (values[node.section] as number) + bytesOf(rows, features);
    };
    for (const input of node.inputs) {
      if (!shares && (node.eager || input.learns)) make(input);
      if (!input.learns) continue;
      // A sum is a new tensor, for which the first of the two goes.
      if (owns.get(input) === false) make(input);
      owns.set(input, owns.has(input) || !shares);
    }
    trained += node.trains ?? 0;
  }
  return { values, trained };
}
