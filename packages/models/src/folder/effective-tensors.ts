import { LowrankError, invariant, type HostModule, type LoraLayer, type PlainTensor } from '@lowrank/core';
import { transposed } from '@lowrank/formats';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { CausalModel } from '../causal-model.js';

/**
 * Every tensor that a model computes with, under Hugging Face's name, linears as `[out, in]`.
 * Throws `adapter-mismatch` for an active adapter that is not merged: its share is in no weight.
 */
export async function effectiveTensors(model: CausalModel): Promise<Map<string, PlainTensor>> {
  const tensors = new Map<string, PlainTensor>();
  for (const { path, kind } of model.modules()) {
    if (kind === 'tied-head') continue;
    const module = model.get(path);
    refuseApart(path, module);
    const { weight, bias } = module as { weight?: Tensor; bias?: Tensor };
    invariant(weight, `the module at ${path} shows no weight`);
    const plain = await plainOf(weight);
    tensors.set(`${path}.weight`, kind === 'linear' ? transposed(plain) : plain);
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

async function plainOf(tensor: Tensor): Promise<PlainTensor> {
  return { shape: tensor.shape, data: (await tensor.data()) as Float32Array };
}
