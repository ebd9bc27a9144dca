import { LowrankError, type ModuleInfo } from '@lowrank/core';
import type { JsonObject } from '@lowrank/formats';
import type { CausalModel } from '../causal-model.js';
import type { EncoderModel } from '../encoder-model.js';
import type { ModuleSpec } from '../module-spec.js';
import type { OwnedModule } from '../module.js';
import { bertSpecs, parseBertConfig } from './bert-config.js';
import { Bert } from './bert.js';
import { llamaSpecs, parseLlamaConfig } from './llama-config.js';
import { Llama } from './llama.js';

/** A family bound to one config: what it is made of, and how it is put together. */
export interface Family<Model> {
  specs: ModuleSpec[];
  /** @param infos one for each of `specs` @param modules by path, owned by the model */
  create(infos: ModuleInfo[], modules: Map<string, OwnedModule>): Model;
}

/** Families by the `model_type` of a `config.json`. */
export type Families<Model> = Record<string, (json: JsonObject, file: string) => Family<Model>>;

export const causalFamilies: Families<CausalModel> = {
  llama(json, file) {
    const config = parseLlamaConfig(json, file);
    return { specs: llamaSpecs(config), create: (...parts) => new Llama(config, ...parts) };
  },
};

export const encoderFamilies: Families<EncoderModel> = {
  bert(json, file) {
    const config = parseBertConfig(json, file);
    return { specs: bertSpecs(config), create: (...parts) => new Bert(config, ...parts) };
  },
};

/** The one of `families` that a `config.json` asks for. Throws `model-unsupported` naming it and those there are. */
export function familyOf<Model>(families: Families<Model>, json: JsonObject, file: string): Family<Model> {
  const name = String(json['model_type']);
  if (Object.hasOwn(families, name)) return (families[name] as Families<Model>[string])(json, file);
  throw new LowrankError('model-unsupported', {
    given: `${file}: "model_type": ${JSON.stringify(json['model_type']) ?? 'not there'}`,
    rule: `these families are loaded here: ${Object.keys(families).join(', ')}`,
    fix: elsewhere(name) ?? 'take a model of one of them',
  });
}

function elsewhere(name: string): string | undefined {
  if (Object.hasOwn(encoderFamilies, name)) return 'it is an encoder: load it with loadEncoder';
  if (Object.hasOwn(causalFamilies, name)) return 'it is a causal model: load it with loadModel';
  return undefined;
}
