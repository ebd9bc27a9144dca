import { readJsonObject } from '@lowrank/formats';
import { join } from 'node:path';
import { wrongOption } from '../output/usage-error.js';
import { adapterFolder, type HubOptions } from './hub-source.js';
import type { Task } from './task-names.js';

/** What the adapter that `--adapter` names was trained for. Throws `file-missing` or `file-invalid`. */
export async function taskOfAdapter(adapter: string, options: HubOptions): Promise<Task> {
  const { task_type: task } = await configOf(adapter, options);
  return task === 'SEQ_CLS' ? 'classify' : 'generate';
}

/** `--model`, or the base that the adapter was trained on. Throws a usage error without either. */
export async function baseFor(
  { model, adapter }: { model?: string | undefined; adapter?: string | undefined },
  options: HubOptions,
): Promise<string> {
  if (model !== undefined) return model;
  if (adapter === undefined) throw withoutModel('neither --model nor --adapter', 'one of them says what to load');
  const { base_model_name_or_path: base } = await configOf(adapter, options);
  if (typeof base === 'string' && base !== '') return base === '@lowrank/tiny-base' ? 'tiny' : base;
  throw withoutModel(`no --model for ${adapter}`, 'the adapter does not say what base it was trained on');
}

async function configOf(adapter: string, options: HubOptions) {
  return readJsonObject(join(await adapterFolder(adapter, options), 'adapter_config.json'));
}

function withoutModel(given: string, rule: string): Error {
  return wrongOption({ given, rule, fix: 'add --model' });
}
