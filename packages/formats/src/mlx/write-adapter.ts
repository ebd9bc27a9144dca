import { LowrankError, loraConfig, type Adapter, type PlainTensor } from '@lowrank/core/plan';
import { moduleUpdates, type ModuleUpdate } from '../adapter/module-update.js';
import { evened } from '../adapter/common-scaling.js';
import { writeFolder } from '../io/write-folder.js';
import type { PeftFolder } from '../peft/read-peft-folder.js';
import { encodeSafetensors } from '../safetensors/write.js';
import { configFile, isMlxEmbedding, toMlxPath, weightsFile } from './files.js';

const given = 'the adapter to write';

/**
 * Writes an adapter as the folder that MLX-LM's `--adapter-path` reads, making the folder when it is not there. Node
 * only. The same adapter gives the same bytes. MLX-LM has one rank and one scale, PEFT's alpha / rank, for all modules:
 * factors of a lower rank are filled up with zeros, and a scale of a module's own is multiplied into its lora_b.
 * Modules are named by their whole paths, so that the base's count of layers does not matter. An adapter as PEFT's
 * files have it may also hold embeddings, or DoRA's magnitudes of linears.
 * Throws `file-unwritable`, `adapter-mismatch`, `not-finite`, `config-invalid`, or `config-unsupported` for what MLX-LM
 * does not hold.
 */
export async function writeMlxAdapter(folder: string, adapter: Adapter | PeftFolder): Promise<void> {
  const { modules, rank, scaling: scale } = evened(moduleUpdates(given, adapter));
  const dora = modules.some(({ magnitude }) => magnitude !== undefined);
  for (const module of modules) checkModule(module, dora);
  const tensors = new Map<string, PlainTensor>();
  for (const { path, a, b, magnitude } of modules) {
    tensors.set(`${toMlxPath(path)}.lora_a`, a);
    tensors.set(`${toMlxPath(path)}.lora_b`, b);
    if (magnitude) tensors.set(`${toMlxPath(path)}.m`, magnitude);
  }
  const keys = modules.map(({ path }) => toMlxPath(path));
  const parameters = { dropout: dropoutOf(adapter), keys, rank, scale };
  const json = {
    fine_tune_type: dora ? 'dora' : 'lora',
    lora_parameters: parameters,
    num_layers: countBlocks(keys),
  };
  const files: [string, Uint8Array][] = [
    [weightsFile, encodeSafetensors(tensors, { metadata: { format: 'mlx' } })],
    // Last: a folder without a config is no adapter yet.
    [configFile, new TextEncoder().encode(JSON.stringify(json, null, 4))],
  ];
  await writeFolder(folder, new Map(files));
}

function dropoutOf(adapter: Adapter | PeftFolder): number {
  if ('entries' in adapter) return (adapter.config['lora_dropout'] ?? 0) as number;
  return loraConfig(adapter.config).dropout;
}

function checkModule({ kind, path, magnitude }: ModuleUpdate, dora: boolean): void {
  const refuse = (rule: string) => {
    throw new LowrankError('config-unsupported', {
      given: `"${path}" of ${given}`,
      rule,
      fix: 'leave it out, or merge the adapter into its base',
    });
  };
  if (isMlxEmbedding(toMlxPath(path)) !== (kind === 'embedding')) {
    refuse(`MLX-LM takes a module of this name for ${kind === 'embedding' ? 'a linear' : 'an embedding'}`);
  }
  if (!dora) return;
  if (kind === 'embedding')
    refuse("MLX-LM's DoRA of an embedding has a magnitude for each token, PEFT's for each feature");
  if (!magnitude) refuse('MLX-LM knows DoRA of all modules or of none, and this one has no magnitude');
}

/** MLX-LM wants a count of blocks; with whole paths as keys it decides nothing. */
function countBlocks(paths: string[]): number {
  return new Set(paths.map((path) => /\.(\d+)\./.exec(path)?.[1]).filter((block) => block !== undefined)).size;
}
