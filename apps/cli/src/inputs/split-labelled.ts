import { LowrankError } from '@lowrank/core';
import type { LabelledText } from '@lowrank/trainer';

/**
 * The last `share` of each class apart from the rest, for files often have one class after the other. Each class keeps
 * one to learn from; one text at least is held out.
 */
export function splitLabelled(
  texts: LabelledText[],
  share: number,
): { train: LabelledText[]; heldOut: LabelledText[] } {
  const labels = [...new Set(texts.map(({ label }) => label))];
  const classes = labels.map((name) => texts.filter(({ label }) => label === name));
  const held = new Set(
    classes.flatMap((all) => {
      const count = Math.min(all.length - 1, Math.round(all.length * share));
      return count > 0 ? all.slice(-count) : [];
    }),
  );
  if (held.size === 0) held.add(lastOfLargest(classes));
  return { train: texts.filter((text) => !held.has(text)), heldOut: texts.filter((text) => held.has(text)) };
}

function lastOfLargest(classes: LabelledText[][]): LabelledText {
  const largest = classes.reduce((left, right) => (right.length > left.length ? right : left));
  if (largest.length > 1) return largest.at(-1) as LabelledText;
  throw new LowrankError('data-invalid', {
    given: `${classes.length} texts, each of a class of its own`,
    rule: 'one is held out, and each class keeps one to learn from',
    fix: 'give more texts, or --eval-data',
  });
}
