import { bytesOf, type Tape, type Value } from './tape.js';

/**
 * Walks a tape backwards as tfjs does: no gradient is freed before the end, but one to which another is added. The
 * gradient of a view is a view of the gradient.
 *
 * @returns bytes of the gradients of values at its end, for each section; those of what is trained are not among them
 */
export function backward({ nodes }: Tape): number[] {
  const values = Array.from({ length: (nodes.at(-1)?.section ?? 0) + 1 }, () => 0);
  /** Of each value with a gradient, whether that has memory of its own. */
  const owns = new Map<Value, boolean>();
  for (const { node, learns, section } of nodes.toReversed()) {
    if (!learns) continue;
    const shares = node.view === true || node.passes === true;
    for (const input of node.inputs) {
      const makes = !shares && (node.eager === true || input.learns);
      // A sum is a new tensor, for which the first of the two goes.
      const adds = input.learns && owns.get(input) === false;
      if (makes) values[section] = (values[section] as number) + bytesOf(input.rows, input.features);
      if (adds) values[section] = (values[section] as number) + bytesOf(input.rows, input.features);
      if (input.learns) owns.set(input, owns.has(input) || !shares);
    }
  }
  return values;
}
