import type { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { LowrankError } from '@lowrank/core';
import { longestFirst } from './longest-first.js';

export interface EncodeSequenceOptions {
  /** A second text, which the first is read with. */
  pair?: string | undefined;
  /** The most tokens, special ones among them. All stay where it is left out. */
  maxLength?: number | undefined;
}

/** A text, or two, as an encoder reads them. */
export interface EncodedSequence {
  ids: Int32Array;
  /** 0 for tokens of the first text, 1 for those of the second. */
  types: Int32Array;
  /** Whether tokens were left away. */
  cut: boolean;
}

/**
 * Puts special tokens around and between ids as `tokenizer.json` says, after cutting both texts at their ends.
 *
 * @throws `config-invalid` for a `maxLength` that leaves no room beside the special tokens
 */
export function assemble(
  tokenizer: HuggingFaceTokenizer,
  first: number[],
  second: number[] | undefined,
  maxLength: number | undefined,
): EncodedSequence {
  const most = maxLength === undefined ? Infinity : roomIn(tokenizer, maxLength, second !== undefined);
  const [ofFirst, ofSecond] = longestFirst(first.length, second?.length ?? 0, most);
  const { tokens, types } = withSpecialTokens(
    tokenizer,
    placeholders(first.slice(0, ofFirst)),
    second && placeholders(second.slice(0, ofSecond)),
  );
  return {
    ids: Int32Array.from(tokens, (token) => idOf(tokenizer, token)),
    types: Int32Array.from(types),
    cut: ofFirst + ofSecond < first.length + (second?.length ?? 0),
  };
}

function roomIn(tokenizer: HuggingFaceTokenizer, maxLength: number, pair: boolean): number {
  const special = withSpecialTokens(tokenizer, [], pair ? [] : undefined).tokens.length;
  if (Number.isSafeInteger(maxLength) && maxLength > special) return maxLength - special;
  throw new LowrankError('config-invalid', {
    given: `maxLength: ${maxLength}`,
    rule: `it is a whole number above the ${special} special tokens`,
    fix: 'give a larger one',
  });
}

interface Assembled {
  tokens: string[];
  types: number[];
}

function withSpecialTokens(
  { post_processor: process }: HuggingFaceTokenizer,
  first: string[],
  second?: string[],
): Assembled {
  const made = process?.post_process(first, second ?? null, true);
  const tokens = made?.tokens ?? [...first, ...(second ?? [])];
  return { tokens, types: made?.token_type_ids ?? tokens.map(() => 0) };
}

/** Stand-ins for ids among the special tokens, which the library knows by their texts. */
const mark = '\uFDD0';
const placeholders = (ids: number[]) => ids.map((id) => `${mark}${id}`);

function idOf(tokenizer: HuggingFaceTokenizer, token: string): number {
  return token.startsWith(mark) ? Number(token.slice(mark.length)) : (tokenizer.token_to_id(token) as number);
}
