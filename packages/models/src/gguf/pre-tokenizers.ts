import type { JsonObject } from '@lowrank/formats';

/** How a text is cut into words before merges, and what else goes with that, by `tokenizer.ggml.pre`. */
export interface PreTokenizer {
  /** Parts of `tokenizer.json`. */
  normalizer?: JsonObject;
  steps: JsonObject[];
  /** Whether a word that is a token is not merged from its letters. */
  ignoreMerges?: boolean;
  /** Whether a text begins with the token for that where the file does not say. */
  addBos?: boolean;
}

const bytes = (ownWords: boolean): JsonObject => ({
  type: 'ByteLevel',
  add_prefix_space: false,
  trim_offsets: true,
  use_regex: ownWords,
});

const split = (regex: string): JsonObject => ({
  type: 'Split',
  pattern: { Regex: regex },
  behavior: 'Isolated',
  invert: false,
});

/** Contractions; words with a sign before them; `digits` at a time; signs; line ends; spaces. */
const words = (digits: string) =>
  `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;

const gpt2: PreTokenizer = { steps: [bytes(true)] };
const singleDigits: PreTokenizer = { steps: [split('\\p{N}'), bytes(true)] };
const llama3: PreTokenizer = {
  steps: [split(words('\\p{N}{1,3}')), bytes(false)],
  ignoreMerges: true,
  addBos: true,
};
const qwen2: PreTokenizer = { normalizer: { type: 'NFC' }, steps: [split(words('\\p{N}')), bytes(false)] };

/** @see https://github.com/ggml-org/llama.cpp/blob/master/src/llama-vocab.cpp, LLAMA_VOCAB_PRE_TYPE_* */
export const preTokenizers: Record<string, PreTokenizer> = {
  'gpt-2': gpt2,
  smollm: singleDigits,
  starcoder: singleDigits,
  refact: singleDigits,
  'llama-bpe': llama3,
  llama3,
  'llama-v3': llama3,
  qwen2,
};
