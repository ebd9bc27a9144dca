import type { GgufFile, JsonObject } from '@lowrank/formats';
import { Metadata } from './metadata.js';

const roles = { bos: 'bos', eos: 'eos', unknown: 'unk', padding: 'pad' };

/** The `tokenizer_config.json` that goes with `ggufTokenizer`: special tokens by their part, and the chat template. */
export function ggufTokenizerConfig(gguf: GgufFile): JsonObject {
  const metadata = new Metadata(gguf);
  const tokens = metadata.texts('tokenizer.ggml.tokens');
  const special = Object.entries(roles).flatMap(([name, role]) => {
    const id = metadata.id(`tokenizer.ggml.${name}_token_id`, tokens.length);
    return id === undefined ? [] : [[`${role}_token`, tokens[id] as string]];
  });
  const template = metadata.text('tokenizer.chat_template');
  return {
    tokenizer_class: 'PreTrainedTokenizerFast',
    clean_up_tokenization_spaces: false,
    ...Object.fromEntries(special),
    ...(template === undefined ? {} : { chat_template: template }),
  };
}
