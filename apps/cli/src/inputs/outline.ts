import type { ModelOutline } from '@lowrank/core';
import type { Quantise } from '@lowrank/models';
import { outlineOf, presetNames, presetOutline } from '@lowrank/models/outline';
import { existsSync } from 'node:fs';
import { typed } from '../output/usage-error.js';
import type { HubOptions } from './hub-source.js';
import { isOnHub } from './is-on-hub.js';

export interface OutlineOptions extends HubOptions {
  quantise?: Quantise | undefined;
}

/**
 * A model as plain data: what `--model` names, a `config.json` alone, or one of the presets where there is no file of
 * that name. Throws a usage error, with the presets there are, for a bare name that is none of these.
 */
export async function outlineFor(model: string, { quantise, ...hub }: OutlineOptions): Promise<ModelOutline> {
  if (model.endsWith('.json')) {
    const { readJsonObject } = await import('@lowrank/formats');
    return outlineOf(await readJsonObject(model), { quantise, file: model });
  }
  const bare = model !== 'tiny' && /^[^/\\]+$/.test(model) && !model.toLowerCase().endsWith('.gguf');
  if (bare && !existsSync(model) && (presetNames.includes(model) || !isOnHub(model))) {
    return typed(() => presetOutline(model, { quantise }));
  }
  // What opens weights brings TensorFlow.js along, which a preset does without.
  const [{ readOutline }, { modelFolder }] = await Promise.all([import('@lowrank/models'), import('./model.js')]);
  return readOutline(await modelFolder(model, hub), { quantise });
}
