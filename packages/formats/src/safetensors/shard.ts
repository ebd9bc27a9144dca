import { LowrankError } from '@lowrank/core/plan';
import type { FileContent } from '../io/write-folder.js';
import { dtypeBits } from './dtype.js';
import { streamSafetensors, type LazyTensor } from './stream.js';
import type { EncodeOptions } from './write.js';

export interface ShardOptions extends EncodeOptions {
  /** The most bytes of tensors that a file gets, if it holds more than one. Default 50 GB, Hugging Face's. */
  maxShardSize?: number;
}

/**
 * The files of a model's weights, for `writeFolder`: `model.safetensors`, or where that grows beyond `maxShardSize`
 * shards `model-00001-of-00003.safetensors` and `model.safetensors.index.json`, split and named as Hugging Face does:
 * tensors by name, numbers in it by their value, and a larger one alone. Throws `config-invalid` for a size that is none.
 */
export function shardedSafetensors(
  tensors: ReadonlyMap<string, LazyTensor>,
  { maxShardSize = 50e9, ...options }: ShardOptions = {},
): Map<string, FileContent> {
  checkSize(maxShardSize);
  const bits = dtypeBits[options.dtype ?? 'F32'];
  const shards = split(new Map([...tensors].sort(([left], [right]) => byParts(left, right))), maxShardSize, bits / 8);
  const write =
    (shard: ReadonlyMap<string, LazyTensor>): FileContent =>
    (sink) =>
      streamSafetensors(sink, shard, options);
  if (shards.length === 1) return new Map([['model.safetensors', write(tensors)]]);
  const total = String(shards.length).padStart(5, '0');
  const named = shards.map((shard, index): [string, Map<string, LazyTensor>] => [
    `model-${String(index + 1).padStart(5, '0')}-of-${total}.safetensors`,
    shard,
  ]);
  const files = new Map<string, FileContent>(named.map(([name, shard]) => [name, write(shard)]));
  return files.set('model.safetensors.index.json', encodeIndex(named, bits / 8));
}

/** Whether a file of a model folder is one that `shardedSafetensors` may have written. */
export function isModelWeights(name: string): boolean {
  return /^model(-\d{5}-of-\d{5})?\.safetensors(\.index\.json)?$/.test(name);
}

function checkSize(size: number): void {
  if (Number.isFinite(size) && size >= 1) return;
  throw new LowrankError('config-invalid', {
    given: `maxShardSize: ${size}`,
    rule: 'it is a number of bytes',
    fix: 'give 5e9 for files of at most 5 GB',
  });
}

/** Names part by part, numbers by their value and before words. */
function byParts(left: string, right: string): number {
  const [ours, theirs] = [left.split('.'), right.split('.')];
  const at = ours.findIndex((part, index) => part !== theirs[index]);
  const [one = '', other] = [ours[at], theirs[at]];
  if (at === -1 || other === undefined) return ours.length - theirs.length;
  const [number, another] = [one, other].map((part) => (/^\d+$/.test(part) ? Number(part) : Infinity)) as [
    number,
    number,
  ];
  if (number !== another) return number - another;
  return one < other ? -1 : 1;
}

function split(tensors: ReadonlyMap<string, LazyTensor>, most: number, width: number): Map<string, LazyTensor>[] {
  const shards: Map<string, LazyTensor>[] = [];
  let [current, size] = [new Map<string, LazyTensor>(), 0];
  for (const [name, tensor] of tensors) {
    const bytes = width * countOf(tensor);
    if (bytes > most) {
      shards.push(new Map([[name, tensor]]));
      continue;
    }
    if (size + bytes > most) {
      shards.push(current);
      [current, size] = [new Map(), 0];
    }
    current.set(name, tensor);
    size += bytes;
  }
  return current.size > 0 || shards.length === 0 ? [...shards, current] : shards;
}

function encodeIndex(shards: [string, Map<string, LazyTensor>][], width: number): Uint8Array {
  const places = shards.flatMap(([file, shard]) => Array.from(shard.keys(), (name) => [name, file] as const));
  const parameters = shards
    .flatMap(([, shard]) => [...shard.values()])
    .reduce((sum, tensor) => sum + countOf(tensor), 0);
  const index = {
    metadata: { total_parameters: parameters, total_size: width * parameters },
    weight_map: Object.fromEntries(places.sort(([left], [right]) => (left < right ? -1 : 1))),
  };
  return new TextEncoder().encode(`${JSON.stringify(index, undefined, 2)}\n`);
}

function countOf({ shape }: LazyTensor): number {
  return shape.reduce((product, side) => product * side, 1);
}
