import { classOf } from './class-names.js';
import type { LabelledText } from './labelled-text.js';

/** A text as an encoder reads it, special tokens included, and the index of its class. */
export interface LabelledExample {
  ids: Int32Array;
  /** Which of two texts a token belongs to; all to the first where it is left out. */
  types?: Int32Array | undefined;
  label: number;
}

/**
 * Labelled texts as an encoder reads them.
 *
 * @param encode a text, and its pair if it has one, to ids with special tokens
 * @throws `data-invalid`, naming the text's place, for a label that is none of `classNames`
 */
export function encodeLabelledTexts(
  texts: readonly LabelledText[],
  classNames: readonly string[],
  encode: (text: string, pair?: string) => Pick<LabelledExample, 'ids' | 'types'>,
): LabelledExample[] {
  return texts.map((one) => ({ ...encode(one.text, one.pair), label: classOf(one, classNames) }));
}
