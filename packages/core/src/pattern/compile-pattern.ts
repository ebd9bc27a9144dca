import type { CharSet } from './char-set.js';
import { parsePattern, type PatternNode, type Place } from './parse-pattern.js';
import { unknownToMatcher } from './pattern-errors.js';

/** One step of a pattern: it takes a character, holds at a place, or goes on to `next` for nothing. */
interface PatternStep {
  set: CharSet | undefined;
  place: Place | undefined;
  next: number[];
}

/** A pattern as steps, of which number 0 is its end. */
export interface PatternProgram {
  steps: PatternStep[];
  start: number;
}

/**
 * An expression as Thompson's automaton. Throws as `parsePattern`, and `config-unsupported` where repeats of repeats,
 * written out, come to more than 1,000 steps beyond two for each character of the expression, or it has 20,000.
 *
 * @see Thompson 1968, https://doi.org/10.1145/363347.363387
 */
export function compilePattern(source: string): PatternProgram {
  const most = Math.min(20_000, 1_000 + 2 * source.length);
  const steps: PatternStep[] = [];
  let visits = 0;
  const add = (next: number[], set?: CharSet, place?: Place) => steps.push({ set, place, next }) - 1;
  const emit = (node: PatternNode, next: number): number => {
    if (++visits > most) throw unknownToMatcher(source, `more than ${most} steps once its repeats are written out`);
    switch (node.kind) {
      case 'char':
        return add([next], node.set);
      case 'place':
        return add([next], undefined, node.place);
      case 'choice':
        return add(node.of.map((branch) => emit(branch, next)));
      case 'sequence':
        return node.of.reduceRight((after, part) => emit(part, after), next);
      case 'repeat':
        return times(node.of, node.min, atMost(node, next));
    }
    return node satisfies never;
  };
  const times = (node: PatternNode, count: number, next: number): number => {
    let first = next;
    for (let time = 0; time < count; time++) first = emit(node, first);
    return first;
  };
  const atMost = ({ of, min, max }: PatternNode & { kind: 'repeat' }, next: number): number => {
    if (max === Infinity) {
      const loop = add([]);
      steps[loop]!.next = [emit(of, loop), next];
      return loop;
    }
    let first = next;
    for (let time = min; time < max; time++) first = add([emit(of, first), next]);
    return first;
  };
  const start = emit(parsePattern(source), add([]));
  return { steps, start };
}
