import type { Tokenizer } from '@lowrank/models';
import { encodeLabelledTexts, type LabelledExample, type LabelledText } from '@lowrank/trainer';
import { countText } from '../output/units.js';

/** Labelled texts as token ids. */
export interface LabelledData {
  examples: LabelledExample[];
  /** What was cut, for people. */
  notice: string | undefined;
}

export interface LabelledDataOptions {
  classNames: readonly string[];
  tokenizer: Tokenizer;
  /** The most tokens that a text may have, special ones among them. */
  seq: number;
}

/** Throws `data-invalid`, naming the text's place, for a label that is no class. */
export function encodeLabelled(
  texts: LabelledText[],
  { classNames, tokenizer, seq }: LabelledDataOptions,
): LabelledData {
  const cut: LabelledText[] = [];
  const examples = texts.flatMap((one) =>
    encodeLabelledTexts([one], classNames, (text, pair) => {
      const encoded = tokenizer.encodeSequence(text, { pair, maxLength: seq });
      if (encoded.cut) cut.push(one);
      return encoded;
    }),
  );
  const places = `${cut[0]?.where}${cut.length > 1 ? ' and on' : ''}`;
  const notice = `of ${countText(texts.length)} texts ${countText(cut.length)} are longer than ${seq} tokens and lose their ends (${places})`;
  return { examples, notice: cut.length > 0 ? notice : undefined };
}
