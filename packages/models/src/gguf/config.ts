import { LowrankError } from '@lowrank/core';
import type { GgufFile, JsonObject } from '@lowrank/formats';
import { ggufLlamaConfig, ggufQwen2Config } from './gated-config.js';
import { ggufGpt2Config } from './gpt2-config.js';
import { Metadata } from './metadata.js';

/** By `general.architecture`: what a file's metadata say, as the `config.json` of Hugging Face's family. */
const architectures: Record<string, (metadata: Metadata, gguf: GgufFile) => Promise<JsonObject>> = {
  gpt2: ggufGpt2Config,
  llama: ggufLlamaConfig,
  qwen2: ggufQwen2Config,
};

/** Throws `file-invalid` for metadata that cannot be, `model-unsupported` for what is not built. */
export async function ggufConfig(gguf: GgufFile): Promise<JsonObject> {
  const read = architectures[loadedArchitecture(gguf)] as (typeof architectures)[string];
  return read(new Metadata(gguf), gguf);
}

/** One that is loaded from GGUF. Throws `file-invalid` where the file is no model, `model-unsupported` for another. */
export function loadedArchitecture(gguf: GgufFile): string {
  const name = architectureOf(gguf);
  if (Object.hasOwn(architectures, name)) return name;
  const elsewhere = name === 'bert' ? 'a BERT is loaded from its Hugging Face folder alone; ' : '';
  throw new LowrankError('model-unsupported', {
    given: `${gguf.name}: "general.architecture": ${JSON.stringify(name)}`,
    rule: `${elsewhere}these are loaded here from GGUF: ${Object.keys(architectures).join(', ')}`,
    fix: 'take its Hugging Face folder, or a model of one of them',
  });
}

/** Throws `file-invalid` where the file is no model. */
export function architectureOf(gguf: GgufFile): string {
  const metadata = new Metadata(gguf);
  const type = metadata.text('general.type') ?? 'model';
  if (type !== 'model') throw metadata.invalid('general.type', 'a base is a "model", which an adapter is put on');
  const name = metadata.text('general.architecture');
  if (name === undefined) throw metadata.invalid('general.architecture', 'it must be there');
  return name;
}
