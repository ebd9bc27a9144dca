import {
  loadClassifier,
  loadModel,
  loadTokenizer,
  type CausalModel,
  type EncoderModel,
  type Quantise,
  type Tokenizer,
} from '@lowrank/models';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { startBackend, type StartedBackend } from './backend.js';
import type { BackendChoice } from './backend-names.js';
import { fromHub, type HubOptions } from './hub-source.js';
import { isOnHub } from './is-on-hub.js';

/** The folder that `--model` names: a path, one of the hub's models, or `tiny` for the embedded one. */
export async function modelFolder(model: string, options: HubOptions = {}): Promise<string> {
  if (isOnHub(model)) {
    const { path, gguf } = await fromHub(model, options);
    return gguf === undefined ? path : join(path, gguf);
  }
  if (model !== 'tiny') return model;
  return join(dirname(createRequire(import.meta.url).resolve('@lowrank/tiny-base/package.json')), 'model');
}

export interface OpenModel<Model = CausalModel> {
  /** The caller disposes it. */
  model: Model;
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
export function openModel(model: string, options: OpenOptions): Promise<OpenModel> {
  return open(model, options, (folder) => loadModel(folder, { quantise: options.quantise }));
}

/**
 * A classifier in the same way.
 *
 * @param classNames those of its folder; undefined where its own head has them
 * @param seed decides where a fresh head starts
 */
export function openClassifier(
  model: string,
  { classNames, seed, ...options }: OpenOptions & ClassifierOptions,
): Promise<OpenModel<EncoderModel>> {
  return open(model, options, async (folder) =>
    loadClassifier(folder, { quantise: options.quantise, classNames: await classNames(folder), seed }),
  );
}

interface ClassifierOptions {
  classNames: (folder: string) => Promise<string[] | undefined>;
  seed?: number | undefined;
}

async function open<Model>(
  model: string,
  options: OpenOptions,
  load: (folder: string) => Promise<Model>,
): Promise<OpenModel<Model>> {
  const folder = await modelFolder(model, options);
  const tokenizer = await loadTokenizer(folder);
  const backend = await startBackend(options.backend);
  return { model: await load(folder), tokenizer, folder, backend };
}
