import type { GgufFile, JsonObject } from '@lowrank/formats';
import { bytePairModel } from './byte-pair.js';
import { Metadata } from './metadata.js';
import { sentencePieceModel } from './sentence-piece.js';
import { addedTokens, tokensOf } from './vocabulary.js';

/** What differs between kinds of tokenizers. */
export interface TokenizerModel {
  normalizer: JsonObject | null;
  preTokenizer: JsonObject | null;
  decoder: JsonObject;
  model: JsonObject;
  /** Whether a text begins with the token for that where the file does not say. */
  addBos: boolean;
}

/** By `tokenizer.ggml.model`. */
const models: Record<string, (metadata: Metadata, tokens: string[]) => TokenizerModel> = {
  gpt2: bytePairModel,
  llama: sentencePieceModel,
};

/**
 * The `tokenizer.json` of the tokenizer that is in a GGUF file's metadata. Throws `file-invalid` where there is none,
 * `model-unsupported` for a kind that is not built.
 */
export function ggufTokenizer(gguf: GgufFile): JsonObject {
  const metadata = new Metadata(gguf);
  const key = 'tokenizer.ggml.model';
  const kind = metadata.text(key);
  if (kind === undefined) throw metadata.invalid(key, 'a model that reads text has a tokenizer');
  const read = Object.hasOwn(models, kind) ? models[kind] : undefined;
  if (!read)
    throw metadata.unsupported(key, `lowrank reads tokenizers of these kinds: ${Object.keys(models).join(', ')}`);
  const tokens = tokensOf(metadata);
  const { normalizer, preTokenizer, decoder, model, addBos } = read(metadata, tokens);
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: addedTokens(metadata, tokens),
    normalizer,
    pre_tokenizer: preTokenizer,
    post_processor: postProcessor(metadata, tokens, addBos),
    decoder,
    model,
  };
}

/** Puts the tokens that begin and end a text around it, where the file says so. */
function postProcessor(metadata: Metadata, tokens: string[], addBos: boolean): JsonObject | null {
  const idOf = (adds: boolean, name: string) =>
    adds ? metadata.id(`tokenizer.ggml.${name}_token_id`, tokens.length) : undefined;
  const bos = idOf(metadata.flag('tokenizer.ggml.add_bos_token', addBos), 'bos');
  const eos = idOf(metadata.flag('tokenizer.ggml.add_eos_token', false), 'eos');
  if (bos === undefined && eos === undefined) return null;
  const text = (id: number) => tokens[id] as string;
  const piece = (id: number | undefined, type: number) =>
    id === undefined ? [] : [{ SpecialToken: { id: text(id), type_id: type } }];
  const around = (name: string, type: number) => [
    ...piece(bos, type),
    { Sequence: { id: name, type_id: type } },
    ...piece(eos, type),
  ];
  const ids = [bos, eos].filter((id) => id !== undefined);
  return {
    type: 'TemplateProcessing',
    single: around('A', 0),
    pair: [...around('A', 0), ...around('B', 1)],
    special_tokens: Object.fromEntries(ids.map((id) => [text(id), { id: text(id), ids: [id], tokens: [text(id)] }])),
  };
}
