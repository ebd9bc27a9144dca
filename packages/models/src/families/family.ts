import { LowrankError } from '@lowrank/core';
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
  create(modules: Map<string, OwnedModule>): CausalModel;
}

const families: Record<string, (json: JsonObject, file: string) => Family> = {
  llama(json, file) {
    const config = parseLlamaConfig(json, file);
    return { config, specs: llamaSpecs(config), create: (modules) => new Llama(config, modules) };
  },
};

/** The family that a `config.json` asks for. Throws `model-unsupported` naming it and those there are. */
export function familyOf(json: JsonObject, file: string): Family {
  const name = String(json['model_type']);
  if (Object.hasOwn(families, name)) return (families[name] as (typeof families)[string])(json, file);
  throw new LowrankError('model-unsupported', {
    given: `${file}: "model_type": ${JSON.stringify(json['model_type']) ?? 'not there'}`,
    rule: `lowrank loads these families: ${Object.keys(families).join(', ')}`,
    fix: 'take a model of one of them',
  });
}
