import { useBackend, type BlockFormat } from '@lowrank/core';
import { wasm } from '@lowrank/backend-wasm';
import { loadModel, loadTokenizer, type CausalModel, type Tokenizer } from '@lowrank/models';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The folder that `--model` names: a path, or `tiny` for the embedded model. */
export function modelFolder(model: string): string {
  if (model !== 'tiny') return model;
  return join(dirname(createRequire(import.meta.url).resolve('@lowrank/tiny-base/package.json')), 'model');
}

export interface OpenModel {
  /** The caller disposes it. */
  model: CausalModel;
  tokenizer: Tokenizer;
  /** What it computes on. */
  backend: { name: string; threads: number };
}

/** A model, packed where `quantise` says how, and its tokenizer, the backend started. */
export async function openModel(model: string, quantise?: BlockFormat): Promise<OpenModel> {
  const folder = modelFolder(model);
  const tokenizer = await loadTokenizer(folder);
  const backend = wasm();
  await useBackend(backend);
  const { threads } = backend.capabilities();
  return { model: await loadModel(folder, { quantise }), tokenizer, backend: { name: backend.name, threads } };
}
