import type { Variable } from '@tensorflow/tfjs-core';
import type { layers, LayersModel, LayerVariable } from '@tensorflow/tfjs-layers';

type Layer = layers.Layer;

/** What a layer has inside that tfjs-layers' types keep to subclasses. */
interface Inside {
  kernel?: LayerVariable;
  bias?: LayerVariable | null;
  embeddings?: LayerVariable;
  activation?: { apply(x: unknown): unknown } | null;
  strides?: number[];
  dilationRate?: number[];
  padding?: 'same' | 'valid' | 'causal';
  dataFormat?: 'channelsFirst' | 'channelsLast';
  invokeCallHook?(inputs: unknown, kwargs: unknown): void;
}

export function inside(layer: Layer): Inside {
  return layer as unknown as Inside;
}

/** Whether a layer is a model of its own, with layers within. */
export function isModel(layer: Layer): layer is LayersModel {
  return Array.isArray((layer as { layers?: unknown }).layers);
}

/** What a weight of a layer holds now. */
export function valueOf(weight: LayerVariable): Variable {
  return weight.read() as Variable;
}
