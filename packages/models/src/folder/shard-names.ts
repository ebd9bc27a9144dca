import { LowrankError } from '@lowrank/core';
import type { JsonObject } from '@lowrank/formats';

/**
 * The files that a `model.safetensors.index.json` spreads a model over, each once.
 * Throws `file-invalid` unless its `weight_map` goes from tensor names to plain file names.
 *
 * @param file what messages call the index
 */
export function shardNames(file: string, { weight_map: map }: JsonObject): string[] {
  const names = typeof map === 'object' && map !== null && !Array.isArray(map) ? Object.values(map) : [];
  const bad = names.find((name) => typeof name !== 'string' || !/^[\w.-]+\.safetensors$/.test(name));
  if (names.length > 0 && bad === undefined) return [...new Set(names as string[])];
  throw new LowrankError('file-invalid', {
    given: `${file}: ${names.length > 0 ? `shard ${JSON.stringify(bad)}` : 'no "weight_map"'}`,
    rule: 'its "weight_map" goes from the names of tensors to files of the same folder that end with .safetensors',
    fix: 'fetch the file again',
  });
}
