import { withFolder } from '@lowrank/testing';
import { LoraLinear, planAdapter, loraTensorName, type Adapter, type FrozenLinear, type LoraRole } from '@lowrank/core';
import { readPeft } from '@lowrank/formats';
import type { CausalModel } from '@lowrank/models';
import { tensor, tidy, type Variable } from '@tensorflow/tfjs-core';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { goldenFolder } from './golden.js';

/** Adapted layers by the path of the module that they replaced. */
export type Layers = Map<string, LoraLinear> & Disposable;

/** Puts an adapter on a model; disposing the layers frees them. */
export function apply({ config, tensors }: Adapter, model: CausalModel): Layers {
  const layers = new Map<string, LoraLinear>();
  for (const { path, rank, alpha } of planAdapter(config, model.modules()).modules) {
    const layer = LoraLinear.fromBase(model.get(path) as FrozenLinear, { rank, alpha, useRslora: config.useRslora });
    const assign = (variable: Variable, role: LoraRole) => {
      const { shape, data } = tensors.get(loraTensorName(path, role))!;
      tidy(() => variable.assign(tensor(data, shape)));
    };
    assign(layer.a, 'lora_A');
    assign(layer.b, 'lora_B');
    model.replace(path, layer);
    layers.set(path, layer);
  }
  const dispose = () => layers.forEach((layer) => layer.dispose());
  return Object.assign(layers, { [Symbol.dispose]: dispose });
}

/** The adapter that the factors of `file` make with the config of a training golden. */
export async function trainingAdapter(golden: string, file: 'initial' | 'gradients'): Promise<Adapter> {
  const from = goldenFolder(golden);
  let adapter: Adapter | undefined;
  await withFolder(async (folder) => {
    await cp(join(from, 'adapter_config.json'), join(folder, 'adapter_config.json'));
    await cp(join(from, `${file}.safetensors`), join(folder, 'adapter_model.safetensors'));
    adapter = await readPeft(folder);
  });
  return adapter as Adapter;
}
