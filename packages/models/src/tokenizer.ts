import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { LowrankError } from '@lowrank/core';
import { assemble, type EncodedSequence, type EncodeSequenceOptions } from './tokenize/encode-sequence.js';
import { checkVocabulary } from './tokenize/check-vocabulary.js';
import { folderOf, pathIn, readJson, readJsonIfThere, type ModelFolder } from './folder/model-folder.js';

/** Text to token ids and back. */
export interface Tokenizer {
  /**
   * Ids of `text`, without special tokens around it unless asked for.
   * Throws `data-invalid` for text that the vocabulary cannot spell.
   */
  encode(text: string, options?: { specialTokens?: boolean }): number[];
  /**
   * A text, or two, as an encoder reads them: with special tokens, and cut to `maxLength` at their ends, the longer one
   * first. Throws as `encode`, and `config-invalid` for a `maxLength` that leaves no room for text.
   */
  encodeSequence(text: string, options?: EncodeSequenceOptions): EncodedSequence;
  /** The text of `ids`, with special tokens spelled out unless told to leave them away. */
  decode(ids: ArrayLike<number>, options?: { specialTokens?: boolean }): string;
  /** The id that ends a text, if the folder names one. */
  readonly eosTokenId?: number;
  /** One more than the largest id. */
  readonly vocabSize: number;
}

/**
 * Loads `tokenizer.json` and, where there is one, `tokenizer_config.json`.
 * Throws `file-missing` or `file-invalid`; where a part that only some texts need is damaged, `encode` and `decode` do.
 */
export async function loadTokenizer(folder: string | ModelFolder): Promise<Tokenizer> {
  const files = folderOf(folder);
  const file = pathIn(files, 'tokenizer.json');
  const json = await readJson(files, 'tokenizer.json');
  checkVocabulary(json, file);
  const config = (await readJsonIfThere(files, 'tokenizer_config.json')) ?? {};
  // The library tidies up spaces where the config is silent, which would change text on its way through.
  const tokenizer = made(json, { clean_up_tokenization_spaces: false, ...config }, file);
  const eosTokenId = idOf(tokenizer, config['eos_token']);
  const encode: Tokenizer['encode'] = (text, { specialTokens = false } = {}) => {
    const ids = text === '' ? [] : tried(file, () => tokenizer.encode(text, { add_special_tokens: specialTokens }).ids);
    if (!ids.every(isId)) throw unspellable(file, text);
    return ids;
  };
  return {
    encode,
    encodeSequence: (text, { pair, maxLength } = {}) =>
      tried(file, () => assemble(tokenizer, encode(text), pair === undefined ? undefined : encode(pair), maxLength)),
    decode: (ids, { specialTokens = true } = {}) =>
      ids.length === 0
        ? ''
        : tried(file, () => tokenizer.decode(Array.from(ids), { skip_special_tokens: !specialTokens })),
    ...(eosTokenId === undefined ? {} : { eosTokenId }),
    vocabSize: 1 + largestId(tokenizer, file),
  };
}

function made(json: object, config: object, file: string): HuggingFaceTokenizer {
  return tried(file, () => new HuggingFaceTokenizer(json, config));
}

/** What the library trips over is something in the file, which it looks at only where a text needs it. */
function tried<Result>(file: string, use: () => Result): Result {
  try {
    return use();
  } catch (cause) {
    throw LowrankError.is(cause) ? cause : invalid(file, cause);
  }
}

function largestId(tokenizer: HuggingFaceTokenizer, file: string): number {
  let largest = -1;
  for (const [token, id] of tokenizer.get_vocab(true)) {
    if (typeof token === 'string' && isId(id)) largest = Math.max(largest, id);
  }
  if (largest < 0) throw invalid(file, new Error('its vocabulary is empty'));
  return largest;
}

function isId(id: unknown): id is number {
  return Number.isSafeInteger(id) && (id as number) >= 0;
}

/** A special token is named by its text, or by an object that holds it. */
function idOf(tokenizer: HuggingFaceTokenizer, token: unknown): number | undefined {
  const text = typeof token === 'object' && token !== null ? (token as { content?: unknown }).content : token;
  return typeof text === 'string' ? tokenizer.token_to_id(text) : undefined;
}

function invalid(given: string, cause?: unknown): LowrankError {
  const reason = cause instanceof Error ? ` (${cause.message})` : '';
  return new LowrankError('file-invalid', {
    given,
    rule: `it must be a tokenizer as Hugging Face writes it${reason}`,
    fix: 'fetch the file again',
    cause,
  });
}

function unspellable(file: string, text: string): LowrankError {
  return new LowrankError('data-invalid', {
    given: JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text),
    rule: `the vocabulary of ${file} has no ids for it, and none for the unknown`,
    fix: 'take a model whose tokenizer knows these characters',
  });
}
