import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { LowrankError } from '@lowrank/core';
import { folderOf, pathIn, readBytes, readJson, type ModelFolder } from './folder/model-folder.js';

/** Text to token ids and back. */
export interface Tokenizer {
  /** Ids of `text`, without special tokens around it unless asked for. */
  encode(text: string, options?: { specialTokens?: boolean }): number[];
  /** The text of `ids`, with special tokens spelled out unless told to leave them away. */
  decode(ids: ArrayLike<number>, options?: { specialTokens?: boolean }): string;
  /** The id that ends a text, if the folder names one. */
  readonly eosTokenId?: number;
  /** One more than the largest id. */
  readonly vocabSize: number;
}

/**
 * Loads `tokenizer.json` and, where there is one, `tokenizer_config.json`.
 * Throws `file-missing` or `file-invalid`.
 */
export async function loadTokenizer(folder: string | ModelFolder): Promise<Tokenizer> {
  const files = folderOf(folder);
  const json = await readJson(files, 'tokenizer.json');
  const hasConfig = (await readBytes(files, 'tokenizer_config.json')) !== undefined;
  const config = hasConfig ? await readJson(files, 'tokenizer_config.json') : {};
  // The library tidies up spaces where the config is silent, which would change text on its way through.
  const tokenizer = made(json, { clean_up_tokenization_spaces: false, ...config }, pathIn(files, 'tokenizer.json'));
  const eosTokenId = idOf(tokenizer, config['eos_token']);
  const ids = [...tokenizer.get_vocab(true).values()];
  return {
    encode: (text, { specialTokens = false } = {}) =>
      text === '' ? [] : tokenizer.encode(text, { add_special_tokens: specialTokens }).ids,
    decode: (ids, { specialTokens = true } = {}) =>
      ids.length === 0 ? '' : tokenizer.decode(Array.from(ids), { skip_special_tokens: !specialTokens }),
    ...(eosTokenId === undefined ? {} : { eosTokenId }),
    vocabSize: 1 + ids.reduce((largest, id) => Math.max(largest, id), -1),
  };
}

function made(json: object, config: object, file: string): HuggingFaceTokenizer {
  try {
    return new HuggingFaceTokenizer(json, config);
  } catch (cause) {
    throw new LowrankError('file-invalid', {
      given: file,
      rule: 'it must be a tokenizer as Hugging Face writes it',
      fix: 'fetch the file again',
      cause,
    });
  }
}

/** A special token is named by its text, or by an object that holds it. */
function idOf(tokenizer: HuggingFaceTokenizer, token: unknown): number | undefined {
  const text = typeof token === 'object' && token !== null ? (token as { content?: unknown }).content : token;
  return typeof text === 'string' ? tokenizer.token_to_id(text) : undefined;
}
