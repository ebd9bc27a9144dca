import { dataError } from './data-error.js';
import type { TokenExample } from './token-example.js';

export interface FittedExamples {
  examples: TokenExample[];
  /** Which of those given were longer: the places past `seq` are gone, their targets with them. */
  cut: number[];
  /** Which of those given had no target within `seq`: they are not among `examples`. */
  leftOut: number[];
}

/**
 * Cuts examples to their first `seq` places, so that how they begin stays what the model will meet, and leaves out those
 * without a target there.
 *
 * @throws `data-invalid` where none is left
 */
export function fitExamples(all: readonly TokenExample[], seq: number): FittedExamples {
  const cut: number[] = [];
  const leftOut: number[] = [];
  const examples = all.flatMap(({ ids, targets }, index) => {
    const fitted = { ids: ids.slice(0, seq), targets: targets.slice(0, seq) };
    if (fitted.targets.every((target) => target === -100)) {
      leftOut.push(index);
      return [];
    }
    if (ids.length > seq) cut.push(index);
    return [fitted];
  });
  if (examples.length > 0) return { examples, cut, leftOut };
  throw dataError(
    `${all.length} example${all.length === 1 ? '' : 's'}`,
    `none has anything to learn within ${seq} tokens`,
    'give longer sequences, shorter prompts, or completions that are not empty',
  );
}
