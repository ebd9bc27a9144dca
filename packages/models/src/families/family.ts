import { LowrankError, type ModuleInfo } from '@lowrank/core';
import type { JsonObject } from '@lowrank/formats';
import type { CausalConfig, CausalModel } from '../causal-model.js';
import type { ModuleSpec } from '../module-spec.js';
import type { OwnedModule } from '../module.js';
import { parseLlamaConfig, llamaSpecs } from './llama-config.js';
import { Llama } from './llama.js';

/** A family bound to one config: what it is made of, and how it is put together. */
export interface Family {
  config: CausalConfig;
  specs: ModuleSpec[];
  /** @param infos one for each of `specs` @param modules by path, owned by the model */
  create(infos: ModuleInfo[], modules: Map<string, OwnedModule>): CausalModel;
}

const families: Record<string, (json: JsonObject, file: string) => Family> = {
  llama(json, file) {
    const config = parseLlamaConfig(json, file);
    return { config, specs: llamaSpecs(config), create: (...parts) => new Llama(config, ...parts) };
  },
};

/** The family that a `config.json` asks for. Throws `model-unsupported` naming it and those there are. */
export function familyOf(json: JsonObject, file: string): Family {
  const name = String(json['model_type']);
  if (Object.hasOwn(families, name)) return (families[name] as (typeof families)[string])(json, file);
  throw refuseFamily(json, file, Object.keys(families));
}

/** `model-unsupported`, naming the family that was asked for and those there are. */
export function refuseFamily(json: JsonObject, file: string, known: string[]): LowrankError {
  return new LowrankError('model-unsupported', {
    given: `${file}: "model_type": ${JSON.stringify(json['model_type']) ?? 'not there'}`,
    rule: `lowrank loads these families: ${known.join(', ')}`,
    fix: 'take a model of one of them',
  });
}
