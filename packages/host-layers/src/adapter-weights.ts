import type { Parameter } from '@lowrank/core';
import type { LayersModel, LayerVariable } from '@tensorflow/tfjs-layers';
import { ownProperty } from './own-property.js';

/**
 * Makes the parameters of adapters what a model trains: its `trainableWeights` are theirs, its `nonTrainableWeights` and
 * `weights` the base's, so that `fit` changes the adapter and `save`, `getWeights` and `setWeights` are about the base.
 * No layer's `trainable` is touched.
 *
 * @param parameters asked each time
 * @returns takes it back, so that the model is what it was
 */
export function trainOnly(model: LayersModel, parameters: () => Parameter[]): () => void {
  const weights = baseWeights(model);
  const weightsOf = () => parameters().map(asWeight);
  const undone = fitted(model).flatMap((each) => [
    ownProperty(each, 'trainableWeights', { get: weightsOf }),
    ownProperty(each, 'nonTrainableWeights', { get: weights }),
    ownProperty(each, 'weights', { get: weights }),
  ]);
  return () => {
    for (const undo of undone) undo();
    collect(model);
  };
}

/** Lets a model that is compiled already train what it now has; its optimiser keeps what it knows of other weights. */
export function collect(model: LayersModel): void {
  for (const each of fitted(model)) {
    const compiled = each as unknown as { collectedTrainableWeights?: LayerVariable[] };
    if (compiled.collectedTrainableWeights) compiled.collectedTrainableWeights = each.trainableWeights;
  }
}

/** A Sequential trains through a model that it keeps inside. */
function fitted(model: LayersModel): LayersModel[] {
  const { model: within } = model as unknown as { model?: LayersModel };
  return within ? [model, within] : [model];
}

/** All weights of the model's layers in the order that `weights` has them, read by its class's own getters. */
function baseWeights(model: LayersModel): () => LayerVariable[] {
  const getters = (['trainableWeights', 'nonTrainableWeights'] as const).map((key) => {
    let owner: object = model;
    while (!Object.hasOwn(owner, key)) owner = Object.getPrototypeOf(owner) as object;
    return Object.getOwnPropertyDescriptor(owner, key)?.get as () => LayerVariable[];
  });
  return () => getters.flatMap((getter) => getter.call(model));
}

/** A parameter as tfjs-layers has its weights. */
function asWeight({ name, variable }: Parameter): LayerVariable {
  const weight = {
    id: variable.id,
    name,
    originalName: name,
    shape: variable.shape,
    dtype: variable.dtype,
    trainable: true,
    constraint: null,
    read: () => variable,
    write: (value: Parameters<typeof variable.assign>[0]) => (variable.assign(value), weight),
  };
  return weight as unknown as LayerVariable;
}
