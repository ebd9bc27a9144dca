import { LowrankError } from '@lowrank/core';
import type { layers, LayersModel } from '@tensorflow/tfjs-layers';
import { isModel } from './layer.js';

type Layer = layers.Layer;

/**
 * Every layer of a model by its dotted path, those of nested models under the names of these, in the model's order. A
 * layer that is called in several places is there once. A `/` in a name, which Keras puts there for scopes, is a dot.
 * Throws `model-unsupported` for two layers of one path.
 */
export function layersByPath(model: LayersModel): Map<string, Layer> {
  const found = new Map<string, Layer>();
  const seen = new Set<Layer>();
  walk(model, '');
  return found;

  function walk(outer: LayersModel, prefix: string): void {
    for (const layer of outer.layers) {
      if (seen.has(layer)) continue;
      seen.add(layer);
      const path = prefix + layer.name.replaceAll('/', '.');
      if (isModel(layer)) {
        walk(layer, `${path}.`);
        continue;
      }
      if (found.has(path)) throw twice(path);
      found.set(path, layer);
    }
  }
}

function twice(path: string): LowrankError {
  return new LowrankError('model-unsupported', {
    given: `two layers at "${path}"`,
    rule: 'layers are named by their paths, in which a "/" of a name counts as a dot',
    fix: 'give the layers names that differ',
  });
}
