import { useBackend } from '@lowrank/core';
import { wasm } from '@lowrank/backend-wasm';
import { loadModel, loadTokenizer, type CausalModel, type Tokenizer } from '@lowrank/models';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The folder that `--model` names: a path, or `tiny` for the embedded model. */
export function modelFolder(model: string): string {
  if (model !== 'tiny') return model;
  return join(dirname(createRequire(import.meta.url).resolve('@lowrank/tiny-base/package.json')), 'model');
}

/** Starts the backend that commands compute on. */
export async function startBackend(): Promise<{ name: string; threads: number }> {
  const backend = wasm();
  await useBackend(backend);
  return { name: backend.name, threads: backend.capabilities().threads };
}

/** A model and its tokenizer, the backend started. The caller disposes the model. */
export async function openModel(model: string): Promise<{ model: CausalModel; tokenizer: Tokenizer }> {
  const folder = modelFolder(model);
  const tokenizer = await loadTokenizer(folder);
  await startBackend();
  return { model: await loadModel(folder), tokenizer };
}
