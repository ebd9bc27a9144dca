import type { ForwardPass, ModelOutline } from '@lowrank/core';
import type { JsonObject } from '@lowrank/formats';
import type { ModuleSpec } from '../module-spec.js';
import type { OwnedModule } from '../module.js';

/** A family bound to one config: what it is made of, and how it is put together. */
export interface Family<Model> {
  specs: ModuleSpec[];
  pass: ForwardPass;
  maxPositions: number;
  /** What a tensor of its files is called in `specs`; undefined for one that nothing here computes with. Default: the same. */
  nameOf?: ((stored: string) => string | undefined) | undefined;
  /** Loads the code that computes, which an outline does without. */
  maker(): Promise<Maker<Model>>;
}

/** @param outline with a family's `pass` @param modules one for each of the outline's, by path, owned by the model */
type Maker<Model> = (outline: ModelOutline, modules: Map<string, OwnedModule>) => Model;

/**
 * Binds a family to a `config.json`.
 *
 * @param file what messages call the config
 * @throws `file-invalid` for a value that cannot be; `model-unsupported` for one that is not honoured
 */
export type FamilyReader<Model> = (json: JsonObject, file: string) => Family<Model>;
