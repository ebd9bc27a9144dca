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
import { transposed } from '@lowrank/formats';
import type { Tensor } from '@tensorflow/tfjs-core';

/**
 * Every tensor that a model computes with, under Hugging Face's name and with the shape that its files have; what is
 * packed, as the float32 values that it stands for.
 * Throws `adapter-mismatch` for an active adapter that is not merged: its share is in no weight.
 */
export async function effectiveTensors(model: Host): Promise<Map<string, PlainTensor>> {
  const tensors = new Map<string, PlainTensor>();
  for (const { path, kind, fanInFanOut = false } of model.modules()) {
    if (kind === 'tied-head') continue;
    const module = model.get(path);
    refuseApart(path, module);
    const { weight, bias } = module as { weight?: FrozenWeight; bias?: Tensor };
    invariant(weight, `the module at ${path} shows no weight`);
    tensors.set(`${path}.weight`, await plainWeight(weight, kind === 'linear', fanInFanOut));
    if (bias) tensors.set(`${path}.bias`, await plainOf(bias));
  }
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
async function plainWeight(weight: FrozenWeight, linear: boolean, fanInFanOut: boolean): Promise<PlainTensor> {
  const packed = weight instanceof BlockWeight;
  const values = packed ? dequantise(weight) : weight;
  const plain = await plainOf(values);
  if (packed) values.dispose();
  return linear && packed === fanInFanOut ? transposed(plain) : plain;
}

async function plainOf(tensor: Tensor): Promise<PlainTensor> {
  return { shape: tensor.shape, data: (await tensor.data()) as Float32Array };
}
