import { loadModel, loadTokenizer, type CausalModel, type Tokenizer, type Quantise } from '@lowrank/models';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { startBackend, type StartedBackend } from './backend.js';
import type { BackendChoice } from './backend-names.js';
import { fromHub, isOnHub, type HubOptions } from './hub-source.js';

/** The folder that `--model` names: a path, one of the hub's models, or `tiny` for the embedded one. */
export async function modelFolder(model: string, options: HubOptions = {}): Promise<string> {
  if (isOnHub(model)) {
    const { path, gguf } = await fromHub(model, options);
    return gguf === undefined ? path : join(path, gguf);
  }
  if (model !== 'tiny') return model;
  return join(dirname(createRequire(import.meta.url).resolve('@lowrank/tiny-base/package.json')), 'model');
}

export interface OpenModel {
  /** The caller disposes it. */
  model: CausalModel;
  tokenizer: Tokenizer;
  /** Where both came from. */
  folder: string;
  /** What it computes on. */
  backend: StartedBackend;
}

export interface OpenOptions extends HubOptions {
  backend: BackendChoice;
  quantise?: Quantise | undefined;
}

/** A model, packed where `quantise` says how, and its tokenizer, the backend started. */
export async function openModel(model: string, options: OpenOptions): Promise<OpenModel> {
  const { backend: choice, quantise } = options;
  const folder = await modelFolder(model, options);
  const tokenizer = await loadTokenizer(folder);
  const backend = await startBackend(choice);
  return { model: await loadModel(folder, { quantise }), tokenizer, folder, backend };
}
