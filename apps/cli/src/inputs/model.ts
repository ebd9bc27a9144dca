import type { BlockFormat } from '@lowrank/core';
import { loadModel, loadTokenizer, type CausalModel, type Tokenizer } from '@lowrank/models';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { startBackend, type StartedBackend } from './backend.js';
import type { BackendChoice } from './backend-names.js';

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
  backend: StartedBackend;
}

export interface OpenOptions {
  backend: BackendChoice;
  quantise?: BlockFormat | undefined;
}

/** A model, packed where `quantise` says how, and its tokenizer, the backend started. */
export async function openModel(model: string, { backend: choice, quantise }: OpenOptions): Promise<OpenModel> {
  const folder = modelFolder(model);
  const tokenizer = await loadTokenizer(folder);
  const backend = await startBackend(choice);
  return { model: await loadModel(folder, { quantise }), tokenizer, backend };
}
