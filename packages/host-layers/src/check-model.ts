import { LowrankError } from '@lowrank/core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { isModel } from './layer.js';

/** Throws `model-unsupported` for what is no LayersModel with weights, a graph model with the reason. */
export function checkModel(model: LayersModel): void {
  const given = model as unknown as Record<string, unknown> | undefined;
  if (typeof given?.['executeAsync'] === 'function' || typeof given?.['modelVersion'] === 'string') {
    throw unsupported(
      'a graph model',
      'its weights are constants of a frozen graph, through which no gradient passes: it has no layers to adapt',
      'give a LayersModel, as tf.loadLayersModel reads it: convert the original with --output_format=tfjs_layers_model',
    );
  }
  if (!given || !isModel(model)) {
    throw unsupported('what is no model', 'a host is made of a LayersModel', 'give tf.sequential or tf.model');
  }
  if (model.layers.length > 0 && model.layers.every(({ built }) => built)) {
    // A Sequential leaves this to its first use.
    if (!model.built) model.build(model.inputs[0]?.shape ?? []);
    return;
  }
  throw unsupported(
    `the model "${model.name}"`,
    'it is not built: its layers have no weights yet',
    'give its first layer an inputShape, or load its weights',
  );
}

function unsupported(given: string, rule: string, fix: string): LowrankError {
  return new LowrankError('model-unsupported', { given, rule, fix });
}
