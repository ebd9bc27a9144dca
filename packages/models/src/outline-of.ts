import { LowrankError, type ModelOutline } from '@lowrank/core/plan';
import type { JsonObject } from '@lowrank/formats';
import { causalFamilies, encoderFamilies, familyOf, type Families } from './families/family.js';
import type { Family } from './families/family-reader.js';
import { checkedOptions, type LoadOptions } from './load-options.js';
import { infoOf } from './module-spec.js';
import { packings, type Packing } from './packing.js';

export const families: Families<unknown> = { ...causalFamilies, ...encoderFamilies };

export interface OutlineOptions extends LoadOptions {
  /** What messages call the config. Default `config.json`. */
  file?: string;
}

/**
 * A model from its `config.json` alone, of any family that lowrank loads: no weights need be there.
 *
 * @throws `file-invalid`, `model-unsupported`; `config-invalid` for `quantise: 'stored'`, which only a file can tell
 */
export function outlineOf(config: JsonObject, { file = 'config.json', ...options }: OutlineOptions = {}): ModelOutline {
  const { quantise } = checkedOptions(options);
  if (quantise === 'stored') throw unstored(file);
  return outlined(familyOf(families, config, file), packings(quantise, { packing: () => undefined }));
}

/** A family's modules, of which those that `packingOf` names are packed, and its pass. */
export function outlined(
  { specs, pass, maxPositions }: Family<unknown>,
  packingOf: (name: string) => Packing | undefined,
): ModelOutline {
  return { modules: specs.map((spec) => infoOf(spec, packingOf)), pass, maxPositions };
}

function unstored(file: string): LowrankError {
  return new LowrankError('config-invalid', {
    given: `quantise: "stored" with ${file} alone`,
    rule: 'only the file of the weights tells how they are stored',
    fix: 'give the folder or .gguf file of the weights, or one of int8, nf4, q4, bf16, f16',
  });
}
