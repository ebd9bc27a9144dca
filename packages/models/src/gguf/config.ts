import { LowrankError, nearest } from '@lowrank/core';
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
  const name = architectureOf(gguf);
  const names = Object.keys(architectures);
  const read = names.includes(name) ? architectures[name] : undefined;
  if (read) return read(new Metadata(gguf), gguf);
  throw new LowrankError('model-unsupported', {
    given: `${gguf.name}: "general.architecture": ${JSON.stringify(name)}`,
    rule: `these are loaded here from GGUF: ${names.join(', ')}`,
    fix: `take a model of one of them, or its Hugging Face folder; nearest here: ${nearest(name, names, 1).join()}`,
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
