import {
  BlockWeight,
  dequantise,
  invariant,
  LowrankError,
  type FrozenWeight,
  type Host,
  type HostModule,
  type LoraLayer,
  type PlainTensor,
} from '@lowrank/core';
import { transposed, type LazyTensor } from '@lowrank/formats';
import type { Tensor } from '@tensorflow/tfjs-core';
import { untiedHead } from './untied-head.js';

/**
 * Every tensor that a model computes with, under Hugging Face's name and with the shape that its files have, each read
 * when its turn comes; what is packed, as the float32 values that it stands for.
 * Throws `adapter-mismatch` for an active adapter that is not merged: its share is in no weight.
 */
export function effectiveTensors(model: Host): Map<string, LazyTensor> {
  const tensors = new Map<string, LazyTensor>();
  for (const { path, kind, fanInFanOut = false } of model.modules()) {
    if (kind === 'tied-head') continue;
    const module = model.get(path);
    refuseApart(path, module);
    const { weight, bias } = module as { weight?: FrozenWeight; bias?: Tensor };
    invariant(weight, `the module at ${path} shows no weight`);
    tensors.set(`${path}.weight`, lazyWeight(weight, kind === 'linear', fanInFanOut));
    if (bias) tensors.set(`${path}.bias`, { shape: bias.shape, read: () => plainOf(bias) });
  }
  const head = untiedHead(model);
  if (head) tensors.set(`${head.path}.weight`, lazyWeight(head.weight, false, false));
  return tensors;
}

function refuseApart(path: string, module: HostModule): void {
  const { merged, enabled } = module as Partial<LoraLayer>;
  if (merged !== false || !enabled) return;
  throw new LowrankError('adapter-mismatch', {
    given: `the adapter on "${path}"`,
    rule: 'it is active but not merged, so no weight holds what it does',
    fix: 'merge it first, or deactivate it',
  });
}

/** In memory a linear lies by inputs where it is dense, and by outputs where it is packed. */
function lazyWeight(weight: FrozenWeight, linear: boolean, fanInFanOut: boolean): LazyTensor {
  const packed = weight instanceof BlockWeight;
  const turned = linear && packed === fanInFanOut;
  const shape = packed === turned ? [...weight.shape] : weight.shape.toReversed();
  const read = async () => {
    const values = packed ? dequantise(weight) : weight;
    const plain = await plainOf(values);
    if (packed) values.dispose();
    return turned ? transposed(plain) : plain;
  };
  return { shape, read };
}

async function plainOf(tensor: Tensor): Promise<PlainTensor> {
  return { shape: tensor.shape, data: (await tensor.data()) as Float32Array };
}
