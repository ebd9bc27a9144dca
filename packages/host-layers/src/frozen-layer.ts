import { embeddingLookup, FrozenConv, FrozenLinear, type FrozenModule } from '@lowrank/core';
import type { Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { layers } from '@tensorflow/tfjs-layers';
import { inside, valueOf } from './layer.js';

type Layer = layers.Layer;

/** A layer without its activation as a module that can be adapted, over the layer's own weights; undefined for others. */
export function frozenLayer(layer: Layer): FrozenModule | undefined {
  const { kernel, bias, embeddings, strides, dilationRate, padding } = inside(layer);
  const shift = bias ? (valueOf(bias) as unknown as Tensor1D) : undefined;
  switch (kindOf(layer)) {
    case 'linear':
      return kernel && new FrozenLinear(valueOf(kernel) as unknown as Tensor2D, shift);
    case 'embedding':
      return embeddings && frozenTable(valueOf(embeddings) as unknown as Tensor2D);
    case 'conv1d':
    case 'conv2d':
      return (
        kernel &&
        new FrozenConv(valueOf(kernel) as unknown as Tensor4D, shift, {
          strides: strides as number[],
          dilations: dilationRate as number[],
          padding: padding as 'same' | 'valid',
        })
      );
    default:
      return undefined;
  }
}

/**
 * The kind of a layer's module: `linear` (Dense), `conv1d`, `conv2d` or `embedding` where it can be adapted; else a
 * word that says what it is, such as `depthwise-conv2d` or `lstm`.
 */
export function kindOf(layer: Layer): string {
  const name = layer.getClassName();
  if (name === 'Dense') return 'linear';
  if (name === 'Embedding') return 'embedding';
  if (name !== 'Conv1D' && name !== 'Conv2D') return spelt(name);
  const { dataFormat, padding, dilationRate = [], kernel } = inside(layer);
  const kind = name.toLowerCase();
  if (dataFormat === 'channelsFirst') return `channels-first-${kind}`;
  if (padding === 'causal') return `causal-${kind}`;
  // An adapter's A has no dilations, as in PEFT: without padding it would give another number of outputs.
  const dilated = dilationRate.some((rate, axis) => rate > 1 && (kernel?.shape[axis] ?? 1) > 1);
  return dilated && padding !== 'same' ? `unpadded-dilated-${kind}` : kind;
}

function frozenTable(weight: Tensor2D): FrozenModule {
  return { kind: 'embedding', weight, forward: (ids) => embeddingLookup(weight, ids) };
}

/** `DepthwiseConv2D` as `depthwise-conv2d`, `LSTM` as `lstm`. */
function spelt(className: string): string {
  return className.replaceAll(/([a-z0-9])([A-Z][a-z])/g, '$1-$2').toLowerCase();
}
