import { wasm } from '@lowrank/backend-wasm';
import { useBackend } from '@lowrank/core';
import { loadModel, type CausalModel, type LoadOptions } from '@lowrank/models';
import { tensor2d, tidy } from '@tensorflow/tfjs-core';
import { existsSync } from 'node:fs';
import { smolLm2File } from '../provide-models.mjs';

/** Whether `provide-models.mjs` has been run here. */
export const hasSmolLm2 = existsSync(smolLm2File);

/** The model's own words, as long as its logits are looked at. */
export const passage =
  'The whale, like all things that are mighty, wears a false brow to the common world. In 1851, Herman Melville wrote that';

/** A GGUF file on the wasm backend; the caller disposes it. */
export async function loadOnWasm(path: string, options: LoadOptions = {}): Promise<CausalModel> {
  await useBackend(wasm());
  return loadModel(path, options);
}

/** `[seq · vocab]` */
export async function logitsOf(model: CausalModel, ids: number[]): Promise<Float32Array> {
  const output = tidy(() => model.forward(tensor2d(ids, [1, ids.length], 'int32')));
  try {
    return (await output.data()) as Float32Array;
  } finally {
    output.dispose();
  }
}
