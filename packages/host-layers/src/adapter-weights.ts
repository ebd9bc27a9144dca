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
  const show = (each: LayersModel) => showWeights(each, () => parameters().map(asWeight), baseWeights(model));
  const undone = [show(model)];
  if ('model' in model) undone.push(withInner(model as Sequential, show));
  return () => {
    for (const undo of undone) undo();
  };
}

/** Lets a model that is compiled already train what it now has; its optimiser keeps what it knows of other weights. */
export function collect(model: LayersModel): void {
  for (const each of [model, (model as Partial<Sequential>).model]) {
    const compiled = each as { collectedTrainableWeights?: LayerVariable[] } | undefined;
    if (compiled?.collectedTrainableWeights) compiled.collectedTrainableWeights = model.trainableWeights;
  }
}

/** A Sequential trains through a model inside, which it makes anew each time it is compiled. */
interface Sequential extends LayersModel {
  model: LayersModel | undefined;
}

/** Does to the model inside what `show` does, and to each that comes in its place. */
function withInner(model: Sequential, show: (inner: LayersModel) => () => void): () => void {
  let { model: inner } = model;
  let undo = inner && show(inner);
  const remove = ownProperty(model, 'model', {
    get: () => inner,
    set(next: LayersModel | undefined) {
      undo?.();
      inner = next;
      undo = inner && show(inner);
    },
  });
  return () => {
    undo?.();
    remove();
    model.model = inner;
  };
}

function showWeights(model: LayersModel, trained: () => LayerVariable[], base: () => LayerVariable[]): () => void {
  const undone = [
    ownProperty(model, 'trainableWeights', { get: trained }),
    ownProperty(model, 'nonTrainableWeights', { get: base }),
    ownProperty(model, 'weights', { get: base }),
  ];
  return () => {
    for (const undo of undone) undo();
  };
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
