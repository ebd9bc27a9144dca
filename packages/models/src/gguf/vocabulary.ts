import type { GgufFile, JsonObject } from '@lowrank/formats';
import type { Metadata } from './metadata.js';

/** Rows of the embedding: where they are more than the tokenizer has tokens, the rest stand for none. */
export function vocabSize(metadata: Metadata, { tensors }: GgufFile): number {
  const [rows] = tensors.get('token_embd.weight')?.shape ?? [];
  return rows ?? metadata.texts('tokenizer.ggml.tokens').length;
}

/** Ids that begin and end a text, in the words of a `config.json`. */
export function specialIds(metadata: Metadata): JsonObject {
  const bos = metadata.id('tokenizer.ggml.bos_token_id');
  const ends = ['eos_token_id', 'eot_token_id'].map((name) => metadata.id(`tokenizer.ggml.${name}`));
  const eos = [...new Set(ends.filter((id) => id !== undefined))];
  return {
    ...(bos === undefined ? {} : { bos_token_id: bos }),
    ...(eos.length === 0 ? {} : { eos_token_id: eos.length === 1 ? (eos[0] as number) : eos }),
  };
}

/** Every token by its id. Throws `file-invalid` for one that is there twice. */
export function tokensOf(metadata: Metadata): string[] {
  const key = 'tokenizer.ggml.tokens';
  const tokens = metadata.texts(key);
  const seen = new Set<string>();
  for (const [id, token] of tokens.entries()) {
    if (seen.has(token)) throw metadata.invalid(key, `token ${id}, ${JSON.stringify(token)}, is there twice`);
    seen.add(token);
  }
  return tokens;
}

/** What `tokenizer.ggml.token_type` says of a token. */
export const tokenKinds = { normal: 1, control: 3, userDefined: 4 };

/** Tokens that a text is cut at before anything else, as `tokenizer.json` lists them. */
export function addedTokens(metadata: Metadata, tokens: string[]): JsonObject[] {
  const kinds = metadata.numbers('tokenizer.ggml.token_type', tokens.length) ?? [];
  return tokens.flatMap((content, id) => {
    if (kinds[id] !== tokenKinds.control && kinds[id] !== tokenKinds.userDefined) return [];
    const plain = { single_word: false, lstrip: false, rstrip: false, normalized: false };
    return [{ id, content, ...plain, special: kinds[id] === tokenKinds.control }];
  });
}
