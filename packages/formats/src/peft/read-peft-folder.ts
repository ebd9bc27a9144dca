import { LowrankError } from '@lowrank/core/plan';
import { checkFinite } from '../adapter/check-finite.js';
import { parseJsonObject, type JsonObject } from '../io/json.js';
import type { ByteSource } from '../io/source.js';
import { openSafetensors } from '../safetensors/read.js';
import type { StoredTensor } from '../safetensors/stored-tensor.js';
import { widen } from '../safetensors/widen.js';
import { checkEntries } from './check-entries.js';
import { checkPeftConfig } from './check-config.js';
import type { PeftEntry } from './entry.js';
import { configFile, weightsFile } from './files.js';
import { openPeftFiles, type OpenPeftFiles, type PeftFiles } from './peft-files.js';
import { checkType } from './read-config.js';
import { sortTensors } from './sort-tensors.js';

/** A PEFT adapter as its files have it, whether or not lowrank can apply it. */
export interface PeftFolder {
  /** All of `adapter_config.json`, keys that lowrank does not know among them. */
  config: JsonObject;
  /** The text that `config` was read from: `writePeftFolder` writes it again while it says the same. */
  configText?: string;
  /** What the tensors are, by module. */
  entries: PeftEntry[];
  /** Free texts of the safetensors header. */
  metadata: Record<string, string>;
}

/**
 * Reads all that PEFT's `save_pretrained` writes into a folder: adapters of linears (GPT-2's Conv1D among them),
 * convolutions and embeddings, DoRA's magnitudes, biases, saved modules, trained token rows. Node only. Strict: pairs
 * are whole, ranks and kinds are those of the config, values are finite. `readPeft` gives the adapter that lowrank can
 * apply. Throws `file-missing`, `file-invalid`, `config-invalid`, `config-unsupported`, `adapter-mismatch` or
 * `not-finite`.
 */
export async function readPeftFolder(folder: string): Promise<PeftFolder> {
  return (await readChecked(folder, () => undefined)).adapter;
}

/** The adapter, the path of its weights, and what `look` made of its config before the weights were opened. */
export async function readChecked<Looked>(
  folder: PeftFiles,
  look: (file: string, config: JsonObject) => Looked,
): Promise<{ adapter: PeftFolder; weightsPath: string; looked: Looked }> {
  const files = await openPeftFiles(folder);
  const configPath = files.path(configFile);
  const bytes = await readWhole(await files.open(configPath));
  const config = parseJsonObject(configPath, bytes);
  checkType(configPath, config);
  const looked = look(configPath, config);
  checkPeftConfig(configPath, config);
  const weightsPath = files.path(weightsFile);
  const file = await openSafetensors(await openWeights(files, weightsPath));
  try {
    const shapes = Array.from(file.tensors, ([name, info]) => [name, { ...info, bytes: new Uint8Array() }] as const);
    // Names and shapes first: nothing is read of a file that will be refused for them.
    checkEntries(file.name, sortTensors(file.name, new Map(shapes) as Map<string, StoredTensor>, config), config);
    const tensors = new Map<string, StoredTensor>();
    for (const name of file.tensors.keys()) {
      const stored = await file.readStored(name);
      refuseNaN(`"${name}" in ${file.name}`, stored);
      tensors.set(name, stored);
    }
    const entries = sortTensors(file.name, tensors, config);
    const configText = new TextDecoder().decode(bytes);
    return { adapter: { config, configText, entries, metadata: { ...file.metadata } }, weightsPath, looked };
  } finally {
    await file.close();
  }
}

async function readWhole(source: ByteSource): Promise<Uint8Array> {
  try {
    return await source.read(0, source.size);
  } finally {
    await source.close();
  }
}

function refuseNaN(given: string, { dtype, bytes }: StoredTensor): void {
  if (['F32', 'F16', 'BF16', 'F64'].includes(dtype)) checkFinite(given, widen(given, dtype, bytes));
}

async function openWeights(files: OpenPeftFiles, path: string): Promise<ByteSource> {
  try {
    return await files.open(path);
  } catch (error) {
    const pickle = path.replace(/safetensors$/, 'bin');
    if (!LowrankError.is(error, 'file-missing') || !(await files.has(pickle))) throw error;
    throw new LowrankError('file-missing', {
      given: path,
      rule: 'only adapter_model.bin is there, a pickle, which can run code when it is read',
      fix: 'save the adapter again with safe_serialization=True',
      cause: error,
    });
  }
}
