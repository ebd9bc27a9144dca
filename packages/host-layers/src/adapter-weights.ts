import type { Parameter } from '@lowrank/core';
import type { LayersModel, LayerVariable } from '@tensorflow/tfjs-layers';
import { ownProperty } from './own-property.js';

/**
 * Makes the parameters of adapters what a model trains. While there are some, its `trainableWeights` are theirs, its
 * `nonTrainableWeights` and `weights` the base's, so that `fit` changes the adapter and `save`, `getWeights` and
 * `setWeights` are about the base; a model that is compiled already trains them too. No layer's `trainable` is touched.
 *
 * @param parameters asked each time; undefined where no adapter acts
 * @returns takes it back, so that the model is what it was
 */
export function trainOnly(model: LayersModel, parameters: () => Parameter[] | undefined): () => void {
  const trained = () => parameters()?.map(asWeight);
  const undone = [showWeights(model, trained)];
  if ('model' in model) undone.push(withInner(model as Sequential, (inner) => showWeights(inner, trained)));
  return () => {
    for (const undo of undone) undo();
  };
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

function showWeights(model: LayersModel, trained: () => LayerVariable[] | undefined): () => void {
  const own = { trainable: getterOf(model, 'trainableWeights'), others: getterOf(model, 'nonTrainableWeights') };
  const all = () => [...own.trainable(), ...own.others()];
  const undone = [
    ownProperty(model, 'trainableWeights', { get: () => trained() ?? own.trainable() }),
    ownProperty(model, 'nonTrainableWeights', { get: () => (trained() ? all() : own.others()) }),
    ownProperty(model, 'weights', { get: all }),
    showCollected(model, trained),
  ];
  return () => {
    for (const undo of undone) undo();
  };
}

/**
 * What `fit` trains is gathered when a model is compiled. While an adapter acts it is the adapter's, which is gone when it no
 * longer does: then it is what was gathered before, or would have been.
 */
function showCollected(model: LayersModel, trained: () => LayerVariable[] | undefined): () => void {
  const compiled = model as unknown as { collectedTrainableWeights?: LayerVariable[] };
  let { collectedTrainableWeights: collected } = compiled;
  const remove = ownProperty(model, 'collectedTrainableWeights', {
    get: () => collected && (trained() ?? collected),
    set(gathered: LayerVariable[]) {
      collected = trained() ? getterOf(Object.getPrototypeOf(model) as object, 'trainableWeights', model)() : gathered;
    },
    enumerable: true,
  });
  return () => {
    remove();
    if (collected) compiled.collectedTrainableWeights = collected;
  };
}

/** A getter that a model inherits from its class, which reads its layers. */
function getterOf(from: object, key: 'trainableWeights' | 'nonTrainableWeights', model = from): () => LayerVariable[] {
  let owner = from;
  while (!Object.hasOwn(owner, key)) owner = Object.getPrototypeOf(owner) as object;
  const getter = Object.getOwnPropertyDescriptor(owner, key)?.get as () => LayerVariable[];
  return () => getter.call(model);
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
