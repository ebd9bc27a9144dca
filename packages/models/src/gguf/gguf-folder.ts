import { LowrankError } from '@lowrank/core';
import { bytesSource, fileSource, openGguf, type ByteSource, type GgufFile, type JsonObject } from '@lowrank/formats';
import type { ModelFolder } from '../folder/model-folder.js';
import { ggufConfig, loadedArchitecture } from './config.js';
import { ggufTokenizer } from './tokenizer.js';
import { ggufTokenizerConfig } from './tokenizer-config.js';

/**
 * A GGUF file as the folder that Hugging Face would have it in: `config.json`, `tokenizer.json` and
 * `tokenizer_config.json`, with the chat template, are made from its metadata when they are opened.
 *
 * @param file a path (Node), or a file of `within`
 */
export function ggufFolder(file: string, within?: ModelFolder): ModelFolder {
  const name = within ? `${within.name.replace(/\/$/, '')}/${file}` : file;
  const openSource = within ? () => openIn(within, file) : () => fileSource(file);
  return {
    name,
    openGguf: openSource,
    async open(wanted) {
      const make = Object.hasOwn(makers, wanted) ? makers[wanted] : undefined;
      if (!make) return undefined;
      const gguf = await openGguf(await openSource());
      try {
        // First of all, so that an adapter, or a BERT, is not blamed for its tokenizer.
        loadedArchitecture(gguf);
        return bytesSource(`${name}/${wanted}`, new TextEncoder().encode(JSON.stringify(await make(gguf))));
      } finally {
        await gguf.close();
      }
    },
  };
}

/** Each throws `file-invalid` or `model-unsupported`. */
const makers: Record<string, (gguf: GgufFile) => JsonObject | Promise<JsonObject>> = {
  'config.json': ggufConfig,
  'tokenizer.json': ggufTokenizer,
  'tokenizer_config.json': ggufTokenizerConfig,
};

async function openIn(folder: ModelFolder, file: string): Promise<ByteSource> {
  const source = await folder.open(file);
  if (source) return source;
  throw new LowrankError('file-missing', {
    given: `"${file}" in "${folder.name}"`,
    rule: 'there is no such file',
    fix: 'check its name',
  });
}
