import { readGgufAsPeft, readMlxAsPeft, readPeftFolder, type GgufFile, type PeftFolder } from '@lowrank/formats';
import { checkFits } from '../inputs/fits-base.js';
import { readFitted } from '../inputs/fitted-base.js';
import { modelFolder } from '../inputs/model.js';
import { printAdapter } from '../inspect/adapter.js';
import { kindOf } from '../inspect/kind-of.js';
import { printModel } from '../inspect/model.js';
import { wrongOption } from '../output/usage-error.js';
import { openGgufFile, printGgufModel, printSafetensors } from '../inspect/tensors.js';
import { basename, dirname } from 'node:path';

export interface InspectFlags {
  path: string;
  model?: string;
  offline?: boolean;
  json?: boolean;
}

/**
 * Prints what a file or a folder holds, and of an adapter whether it fits the base that `model` names. Throws
 * `adapter-mismatch` where it does not, after it is shown.
 */
export async function runInspect(flags: InspectFlags): Promise<void> {
  const { path: given, model, json = false, offline } = flags;
  const path = await modelFolder(given, { json, offline });
  const held = await adapterIn(path);
  if (held === undefined) {
    if (model !== undefined) throw noAdapter(given);
    return inspectOther(path, json);
  }
  // Before anything is said: a base that cannot be read is no answer.
  const base = model === undefined ? undefined : await readFitted(model, { json, offline });
  printAdapter(held.format, held.adapter, json);
  if (base === undefined) return;
  checkFits(`"${given}"`, held.adapter, base);
  if (json) console.log(JSON.stringify({ type: 'fit', model, fits: true }));
  else console.log(`\nfits      ${model}: each module that it changes is there, in its shape`);
}

interface HeldAdapter {
  format: 'peft' | 'mlx' | 'gguf';
  adapter: PeftFolder;
}

/** The adapter at a path, undefined where something else is there. */
async function adapterIn(path: string): Promise<HeldAdapter | undefined> {
  const kind = await kindOf(path);
  if (kind === 'peft') return { format: 'peft', adapter: await readPeftFolder(path) };
  if (kind === 'mlx') return { format: 'mlx', adapter: await readMlxAsPeft(path) };
  if (kind === 'gguf' && (await openedGguf(path)).metadata.get('general.type') === 'adapter') {
    // Shapes and norms do not depend on the order of rows, which is all that heads decide.
    return { format: 'gguf', adapter: await readGgufAsPeft(path, { heads: 1 }) };
  }
  if (kind !== 'safetensors' || basename(path) !== 'adapter_model.safetensors') return undefined;
  const around = await kindOf(dirname(path)).catch(() => undefined);
  return around === 'peft' ? { format: 'peft', adapter: await readPeftFolder(dirname(path)) } : undefined;
}

async function inspectOther(path: string, json: boolean): Promise<void> {
  const kind = await kindOf(path);
  if (kind === 'gguf') return printGgufModel(await openedGguf(path), json);
  return kind === 'model' ? printModel(path, json) : printSafetensors(path, json);
}

/** Its header; the file is closed again. */
async function openedGguf(path: string): Promise<GgufFile> {
  const file = await openGgufFile(path);
  await file.close();
  return file;
}

function noAdapter(given: string): Error {
  return wrongOption({
    given: `--model beside "${given}"`,
    rule: 'only an adapter is held against a base, and this is none',
    fix: 'leave --model away, or name an adapter',
  });
}
