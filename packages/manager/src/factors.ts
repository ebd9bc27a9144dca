import { LowrankError, type Adapter, type LoraConfig, type PlainTensor } from '@lowrank/core';
import { tensor, tidy } from '@tensorflow/tfjs-core';
import type { AdapterLayers } from './adapter-layers.js';

/** Puts an adapter's values into its layers. Throws `adapter-mismatch` for a missing or misshapen factor. */
export function assignFactors(layers: AdapterLayers, tensors: Adapter['tensors']): void {
  for (const { name, variable } of parametersOf(layers)) {
    const { shape, data } = factor(tensors, name, variable.shape);
    tidy(() => variable.assign(tensor(data, shape)));
  }
}

/** The values of the layers' factors as plain data, copied out of the backend. */
export async function readFactors(layers: AdapterLayers, config: LoraConfig): Promise<Adapter> {
  const tensors = new Map<string, PlainTensor>();
  for (const { name, variable } of parametersOf(layers)) {
    tensors.set(name, { shape: variable.shape, data: Float32Array.from(await variable.data()) });
  }
  return { config, tensors };
}

/** Every trainable factor, A before B, in forward order. */
export function parametersOf(layers: AdapterLayers) {
  return Array.from(layers, ([path, layer]) => layer.parameters(path)).flat();
}

function factor(tensors: Adapter['tensors'], name: string, shape: number[]): PlainTensor {
  const found = tensors.get(name);
  if (found && found.shape.join() === shape.join()) return found;
  throw new LowrankError('adapter-mismatch', {
    given: found ? `"${name}" of shape [${found.shape.join(', ')}]` : `no "${name}"`,
    rule: `model and config make it [${shape.join(', ')}]`,
    fix: 'use the base it was trained on, and the whole adapter',
  });
}
