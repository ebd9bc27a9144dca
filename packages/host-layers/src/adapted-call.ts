import type { ForwardContext, HostModule } from '@lowrank/core';
import { cast, tidy, type Tensor } from '@tensorflow/tfjs-core';
import type { layers } from '@tensorflow/tfjs-layers';
import { inside } from './layer.js';
import { ownProperty } from './own-property.js';

type Layer = layers.Layer;

/** What tfjs-layers hands to a layer besides its inputs. */
export interface CallOptions {
  training?: boolean;
}

export interface AdaptedCall {
  /** What the layer computes with now, in the place of its kernel and bias. */
  module: () => HostModule;
  context: (options: CallOptions) => ForwardContext;
}

/**
 * Lets a layer compute through a module, its activation after it: `call`, which tfjs-layers means to be overridden, is
 * put on this one instance.
 *
 * @returns takes it off again, so that the layer is what it was
 */
export function adaptCall(layer: Layer, { module, context }: AdaptedCall): () => void {
  const { activation } = inside(layer);
  const isTable = layer.getClassName() === 'Embedding';
  const call = (inputs: Tensor | Tensor[], options: CallOptions = {}) =>
    tidy(() => {
      inside(layer).invokeCallHook?.(inputs, options);
      const given = (Array.isArray(inputs) ? inputs[0] : inputs) as Tensor;
      const input = isTable && given.dtype !== 'int32' ? cast(given, 'int32') : given;
      const output = module().forward(input, context(options));
      return (activation?.apply(output) ?? output) as Tensor;
    });
  return ownProperty(layer, 'call', { value: call, writable: true });
}

/** Lets a batch normalisation use its moving averages in training too, and change none of them. */
export function freezeNorm(layer: Layer): () => void {
  const call = layer.call.bind(layer);
  const frozen = (inputs: Tensor | Tensor[], options: CallOptions = {}) =>
    call(inputs, { ...options, training: false });
  return ownProperty(layer, 'call', { value: frozen, writable: true });
}
