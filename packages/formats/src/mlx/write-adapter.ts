import { loraConfig, type Adapter, type PlainTensor } from '@lowrank/core';
import { commonest, rankAndAlpha, times } from '../adapter/common-scaling.js';
import { factorsOf } from '../adapter/factors-of.js';
import { writeFolder } from '../io/write-folder.js';
import { encodeSafetensors } from '../safetensors/write.js';
import { configFile, toMlxPath, weightsFile } from './files.js';

/**
 * Writes an adapter as the folder that MLX-LM's `--adapter-path` reads, making the folder when it is not there. Node
 * only. The same adapter gives the same bytes. MLX-LM has one rank and one scale, PEFT's alpha / rank, for all modules:
 * factors of a lower rank are filled up with zeros, and a scale of a module's own is multiplied into its lora_b.
 * Modules are named by their whole paths, so that the base's count of layers does not matter.
 * Throws `file-unwritable`, `adapter-mismatch`, `not-finite` or `config-invalid`.
 */
export async function writeMlxAdapter(folder: string, adapter: Adapter): Promise<void> {
  const config = loraConfig(adapter.config);
  const pairs = factorsOf('the adapter to write', adapter, config);
  const facts = new Map(Array.from(pairs.keys(), (path) => [path, rankAndAlpha(config, path)]));
  const scaleOf = (path: string) => (facts.get(path)?.alpha ?? 0) / (facts.get(path)?.rank ?? 1);
  const rank = Math.max(...Array.from(facts.values(), (module) => module.rank));
  const scale = commonest(Array.from(pairs.keys(), scaleOf));
  const tensors = new Map<string, PlainTensor>();
  for (const [path, { a, b }] of pairs) {
    tensors.set(`${toMlxPath(path)}.lora_a`, widerRows(a, rank));
    tensors.set(`${toMlxPath(path)}.lora_b`, moreRows(times(b, scaleOf(path) / scale), rank));
  }
  const keys = Array.from(pairs.keys(), toMlxPath);
  const parameters = { dropout: config.dropout, keys, rank, scale };
  const json = { fine_tune_type: 'lora', lora_parameters: parameters, num_layers: countBlocks(keys) };
  const files: [string, Uint8Array][] = [
    [weightsFile, encodeSafetensors(tensors, { metadata: { format: 'mlx' } })],
    // Last: a folder without a config is no adapter yet.
    [configFile, new TextEncoder().encode(JSON.stringify(json, null, 4))],
  ];
  await writeFolder(folder, new Map(files));
}

/** `[in, own rank]` as `[in, rank]`. */
function widerRows({ shape: [rows = 0, own = 0], data }: PlainTensor, rank: number): PlainTensor {
  if (own === rank) return { shape: [rows, rank], data };
  const wider = new Float32Array(rows * rank);
  for (let row = 0; row < rows; row++) wider.set(data.subarray(row * own, (row + 1) * own), row * rank);
  return { shape: [rows, rank], data: wider };
}

/** `[own rank, out]` as `[rank, out]`. */
function moreRows({ shape: [, columns = 0], data }: PlainTensor, rank: number): PlainTensor {
  const more = new Float32Array(rank * columns);
  more.set(data);
  return { shape: [rank, columns], data: more };
}

/** MLX-LM wants a count of blocks; with whole paths as keys it decides nothing. */
function countBlocks(paths: string[]): number {
  return new Set(paths.map((path) => /\.(\d+)\./.exec(path)?.[1]).filter((block) => block !== undefined)).size;
}
