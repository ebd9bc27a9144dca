import { LowrankError } from '@lowrank/core/plan';
import type { JsonObject } from '@lowrank/formats';
import type { CausalModel } from '../causal-model.js';
import type { EncoderModel } from '../encoder-model.js';
import { bert } from './bert.js';
import type { Family, FamilyReader } from './family-reader.js';
import { gpt2 } from './gpt2.js';
import { llama } from './llama.js';
import { mistral } from './mistral.js';
import { qwen2 } from './qwen2.js';

/** Families by the `model_type` of a `config.json`. */
export type Families<Model> = Record<string, FamilyReader<Model>>;

export const causalFamilies: Families<CausalModel> = { gpt2, llama, mistral, qwen2 };

export const encoderFamilies: Families<EncoderModel> = { bert };

/** The one of `families` that a `config.json` asks for. Throws `model-unsupported` naming it and those there are. */
export function familyOf<Model>(families: Families<Model>, json: JsonObject, file: string): Family<Model> {
  const name = String(json['model_type']);
  if (Object.hasOwn(families, name)) return (families[name] as FamilyReader<Model>)(json, file);
  throw new LowrankError('model-unsupported', {
    given: `${file}: "model_type": ${JSON.stringify(json['model_type']) ?? 'not there'}`,
    rule: `these families are loaded here: ${Object.keys(families).join(', ')}`,
    fix: elsewhere(name) ?? 'take a model of one of them',
  });
}

function elsewhere(name: string): string | undefined {
  if (Object.hasOwn(encoderFamilies, name))
    return 'it is an encoder: load it with loadClassifier for labelled texts, or with loadEncoder';
  if (Object.hasOwn(causalFamilies, name)) return 'it is a causal model: load it with loadModel';
  return undefined;
}
