import type { Adapter } from '@lowrank/core/plan';
import { checkApplied } from './check-applied.js';
import { checkLayers } from './check-layers.js';
import { readPeftConfig } from './read-config.js';
import type { PeftFiles } from './peft-files.js';
import { readChecked } from './read-peft-folder.js';
import { fromPeft } from './tensor-names.js';

/**
 * Reads the folder that PEFT's `save_pretrained` writes as an adapter that lowrank can apply, from a path (Node only) or from its files by name: factors of
 * linears, convolutions and embeddings, biases, DoRA's magnitudes, modules saved whole, token rows. Strict: every tensor is one that is used, every pair is
 * whole, ranks and layers are those of the config.
 * Throws `file-missing`, `file-invalid`, `config-invalid`, `config-unsupported`, `adapter-mismatch` or `not-finite`.
 */
export async function readPeft(folder: PeftFiles): Promise<Adapter> {
  const { adapter, weightsPath, looked: config } = await readChecked(folder, readPeftConfig);
  checkApplied(weightsPath, adapter.entries);
  const adapted = adapter.entries.filter(({ kind }) => kind === 'linear' || kind === 'conv' || kind === 'embedding');
  checkLayers(
    weightsPath,
    adapted.map(({ path }) => path),
    config,
  );
  return { config, tensors: new Map(adapter.entries.flatMap((entry) => fromPeft(weightsPath, entry))) };
}
