import type { Metadata } from './metadata.js';
import { preTokenizers } from './pre-tokenizers.js';
import type { TokenizerModel } from './tokenizer.js';

/** Byte-level BPE, as GPT-2 began it. Throws `model-unsupported` for a `tokenizer.ggml.pre` that is not known here. */
export function bytePairModel(metadata: Metadata, tokens: string[]): TokenizerModel {
  const key = 'tokenizer.ggml.pre';
  const name = metadata.text(key) ?? 'not said';
  const pre = Object.hasOwn(preTokenizers, name) ? preTokenizers[name] : undefined;
  if (!pre) {
    throw metadata.unsupported(key, `lowrank knows how these cut texts: ${Object.keys(preTokenizers).join(', ')}`);
  }
  return {
    normalizer: pre.normalizer ?? null,
    preTokenizer: { type: 'Sequence', pretokenizers: pre.steps },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: pre.ignoreMerges ?? false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: metadata.texts('tokenizer.ggml.merges'),
    },
    addBos: pre.addBos ?? false,
  };
}
