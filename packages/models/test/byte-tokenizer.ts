import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** GPT-2's letters for bytes: printable ones are themselves, the others follow from 256 on. */
export function lettersOfBytes(): string[] {
  let next = 256;
  const printable = (byte: number) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte !== 173);
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(printable(byte) ? byte : next++));
}

/** A space and the 94 printable signs of ASCII, in GPT-2's letters. */
export const asciiLetters = [lettersOfBytes()[32] as string, ...lettersOfBytes().slice(33, 127)];

export interface ByteTokenizer {
  /** Tokens after `<|end|>`, which is id 0. */
  tokens: string[];
  merges?: [string, string][];
  /** What `tokenizer_config.json` names as the end of a text. */
  eos?: unknown;
  /** Puts `<|end|>` before a text when special tokens are asked for. */
  startsTexts?: boolean;
}

/** Writes `tokenizer.json`, a byte-level BPE as Hugging Face lays it out, and `tokenizer_config.json`. */
export async function writeTokenizer(
  folder: string,
  { tokens, merges = [], eos = '<|end|>', startsTexts = false }: ByteTokenizer,
): Promise<void> {
  const end = { id: 0, content: '<|end|>', special: true };
  const piece = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
  const json = {
    version: '1.0',
    added_tokens: [{ ...end, single_word: false, lstrip: false, rstrip: false, normalized: false }],
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: startsTexts
      ? {
          type: 'TemplateProcessing',
          single: [piece(end.content), { Sequence: { id: 'A', type_id: 0 } }],
          pair: [],
          special_tokens: { [end.content]: { id: end.content, ids: [0], tokens: [end.content] } },
        }
      : null,
    decoder: { type: 'ByteLevel' },
    model: {
      type: 'BPE',
      vocab: Object.fromEntries([end.content, ...tokens].map((token, id) => [token, id])),
      merges: merges.map((pair) => pair.join(' ')),
    },
  };
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(json));
  await writeFile(join(folder, 'tokenizer_config.json'), JSON.stringify({ eos_token: eos }));
}
