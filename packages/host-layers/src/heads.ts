import type { layers, LayersModel } from '@tensorflow/tfjs-layers';
import { isModel } from './layer.js';

type Layer = layers.Layer;

/**
 * The layers that make a model's outputs: of each output the nearest one with weights, seen back through layers that
 * have one input, such as a softmax. Where two paths are joined first, there is none.
 */
export function headsOf(model: LayersModel): Set<Layer> {
  const heads = new Set<Layer>();
  for (const [output, layer] of model.outputLayers.entries()) {
    const nodes = (model as unknown as { outputLayersNodeIndices: number[] }).outputLayersNodeIndices;
    for (const head of headsFrom(layer, nodes[output] ?? 0)) heads.add(head);
  }
  return heads;
}

function headsFrom(layer: Layer, node: number): Iterable<Layer> {
  if (isModel(layer)) return headsOf(layer);
  if (layer.weights.length > 0) return [layer];
  const { inboundLayers = [], nodeIndices = [] } = layer.inboundNodes[node] ?? {};
  const [before, ...others] = inboundLayers;
  return before && others.length === 0 ? headsFrom(before, nodeIndices[0] ?? 0) : [];
}
