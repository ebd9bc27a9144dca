import { deriveSeed, randomFloats, type PlainTensor } from '@lowrank/core';
import { bytesSource, encodeSafetensors, type JsonObject } from '@lowrank/formats';
import { outlineOf } from '../outline-of.js';
import type { ModelFolder } from './model-folder.js';

/**
 * A folder in memory with a model of a `config.json` and seeded random weights, normal with deviation 0.1: to measure or
 * test what needs a model and no knowledge.
 *
 * @throws `config-invalid` for a config that no family takes
 */
export function randomFolder(config: JsonObject): ModelFolder {
  const tensors = new Map<string, PlainTensor>();
  const put = (name: string, shape: number[]) => {
    const count = shape.reduce((product, side) => product * side, 1);
    const data = randomFloats(count, { distribution: 'normal', seed: deriveSeed(1, name) }).map((value) => value / 10);
    tensors.set(name, { shape, data });
  };
  for (const { path, kind, in: from = 0, out = 0, bias, fanInFanOut, parameters } of outlineOf(config).modules) {
    if (kind === 'tied-head') continue;
    const length = kind === 'linear' ? out : parameters / (bias ? 2 : 1);
    const turned = kind === 'linear' && !fanInFanOut;
    put(`${path}.weight`, kind.endsWith('norm') ? [length] : turned ? [out, from] : [from, out]);
    if (bias) put(`${path}.bias`, [length]);
  }
  const files: Record<string, () => Uint8Array> = {
    'config.json': () => new TextEncoder().encode(JSON.stringify(config)),
    'model.safetensors': () => encodeSafetensors(tensors),
  };
  return { name: 'random', open: async (file) => (files[file] ? bytesSource(file, files[file]()) : undefined) };
}
