import { nearest } from '@lowrank/core';
import { dataError } from './data-error.js';
import type { LabelledText } from './labelled-text.js';

/**
 * The classes that labelled texts name, in an order that does not hang on that of the texts: whole numbers by value,
 * anything else by UTF-16 code units.
 *
 * @throws `data-invalid` for fewer than two
 */
export function classNamesOf(texts: readonly LabelledText[]): string[] {
  const names = [...new Set(texts.map(({ label }) => label))];
  if (names.length < 2) {
    const given = names.length === 0 ? 'no labelled texts' : `${texts.length} texts, all labelled "${names[0]}"`;
    throw dataError(given, 'a classifier tells at least two classes apart', 'give texts of another class too');
  }
  const numbered = names.every((name) => /^-?\d+$/.test(name));
  return numbered ? names.sort((left, right) => Number(left) - Number(right)) : names.sort();
}

/** The index of a text's class among `classNames`. Throws `data-invalid`, naming the text's place, for one that is none. */
export function classOf({ where, label }: LabelledText, classNames: readonly string[]): number {
  const index = classNames.indexOf(label);
  if (index >= 0) return index;
  throw dataError(
    where,
    `the label "${label}" is none of the ${classNames.length} classes`,
    `nearest here: ${nearest(label, classNames).join(', ')}; a new class needs texts to learn it from`,
  );
}
