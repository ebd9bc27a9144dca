import type { Metadata } from './metadata.js';
import type { TokenizerModel } from './tokenizer.js';
import { tokenKinds } from './vocabulary.js';

/** What SentencePiece writes for a space. */
const space = '\u2581';

/**
 * SentencePiece's BPE, as Llama 1 and 2 and Mistral have it: pieces with scores instead of merges, and single bytes for
 * what they cannot spell.
 */
export function sentencePieceModel(metadata: Metadata, tokens: string[]): TokenizerModel {
  const spaced = metadata.flag('tokenizer.ggml.add_space_prefix', true);
  const unknown = metadata.id('tokenizer.ggml.unknown_token_id', tokens.length);
  const from = { String: ' ' };
  return {
    normalizer: {
      type: 'Sequence',
      normalizers: [
        ...(spaced ? [{ type: 'Prepend', prepend: space }] : []),
        { type: 'Replace', pattern: from, content: space },
      ],
    },
    preTokenizer: null,
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: space }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        ...(spaced ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
      ],
    },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: unknown === undefined ? null : (tokens[unknown] as string),
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: true,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: mergesOf(metadata, tokens),
    },
    addBos: true,
  };
}

/** Every pair of pieces that makes a piece, the piece of the highest score first: what SentencePiece would merge first. */
function mergesOf(metadata: Metadata, tokens: string[]): string[] {
  const key = 'tokenizer.ggml.scores';
  const scores = metadata.numbers(key, tokens.length);
  if (!scores) throw metadata.invalid(key, 'SentencePiece has a score for each token');
  const kinds = metadata.numbers('tokenizer.ggml.token_type', tokens.length) ?? [];
  const pieces = new Map(
    tokens.flatMap((token, id) => ((kinds[id] ?? tokenKinds.normal) === tokenKinds.normal ? [[token, id]] : [])),
  );
  const merges: { pair: string; score: number }[] = [];
  for (const [piece, id] of pieces) {
    for (let at = 1; at < piece.length; at++) {
      const [left, right] = [piece.slice(0, at), piece.slice(at)];
      if (pieces.has(left) && pieces.has(right)) merges.push({ pair: `${left} ${right}`, score: scores[id] as number });
    }
  }
  return merges.sort((one, other) => other.score - one.score).map(({ pair }) => pair);
}
