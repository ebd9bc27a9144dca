import { readGgufAsPeft, readMlxAsPeft, readPeftFolder } from '@lowrank/formats';
import { modelFolder } from '../inputs/model.js';
import { printAdapter } from '../inspect/adapter.js';
import { kindOf } from '../inspect/kind-of.js';
import { printModel } from '../inspect/model.js';
import { openGgufFile, printGgufModel, printSafetensors } from '../inspect/tensors.js';
import { basename, dirname } from 'node:path';

export interface InspectFlags {
  path: string;
  offline?: boolean;
  json?: boolean;
}

/** Prints what a file or a folder holds. */
export async function runInspect({ path: given, json = false, offline }: InspectFlags): Promise<void> {
  const path = await modelFolder(given, { json, offline });
  switch (await kindOf(path)) {
    case 'peft':
      return printAdapter('peft', await readPeftFolder(path), json);
    case 'mlx':
      return printAdapter('mlx', await readMlxAsPeft(path), json);
    case 'model':
      return printModel(path, json);
    case 'gguf':
      return inspectGguf(path, json);
    case 'safetensors':
      return inspectSafetensors(path, json);
  }
}

async function inspectGguf(path: string, json: boolean): Promise<void> {
  const file = await openGgufFile(path);
  await file.close();
  if (file.metadata.get('general.type') !== 'adapter') return printGgufModel(file, json);
  // Shapes and norms do not depend on the order of rows, which is all that heads decide.
  printAdapter('gguf', await readGgufAsPeft(path, { heads: 1 }), json);
}

async function inspectSafetensors(path: string, json: boolean): Promise<void> {
  const folder = dirname(path);
  if (basename(path) !== 'adapter_model.safetensors') return printSafetensors(path, json);
  const kind = await kindOf(folder).catch(() => undefined);
  return kind === 'peft' ? printAdapter('peft', await readPeftFolder(folder), json) : printSafetensors(path, json);
}
