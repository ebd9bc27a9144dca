import { bytesOf, type Recorded, type Tape, type Value } from './tape.js';

/**
 * Walks a tape backwards as tfjs does: no gradient is freed before the end, but one to which another is added. The
 * gradient of a view is a view of the gradient.
 *
 * @returns bytes of the gradients of values at its end, for each op that makes some; those of what is trained are not
 *   among them
 */
export function backward({ nodes }: Tape): { by: Recorded; bytes: number }[] {
  const made: { by: Recorded; bytes: number }[] = [];
  /** Of each value with a gradient, whether that has memory of its own. */
  const owns = new Map<Value, boolean>();
  for (const by of nodes.toReversed()) {
    const { node, learns } = by;
    if (!learns) continue;
    const shares = node.view === true || node.passes === true;
    let bytes = 0;
    for (const input of node.inputs) {
      const makes = !shares && (node.eager === true || input.learns);
      // A sum is a new tensor, for which the first of the two goes.
      const adds = input.learns && owns.get(input) === false;
      bytes += (Number(makes) + Number(adds)) * bytesOf(input.rows, input.features);
      if (input.learns) owns.set(input, owns.has(input) || !shares);
    }
    if (bytes > 0) made.push({ by, bytes });
  }
  return made;
}
