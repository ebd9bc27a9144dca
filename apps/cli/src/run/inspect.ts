import { LowrankError } from '@lowrank/core';
import { readPeft } from '@lowrank/formats';
import { readModules } from '@lowrank/models';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { modelFolder } from '../inputs/model.js';
import { summarise } from '../output/adapter-summary.js';
import { table } from '../output/table.js';
import { bytesText, countText } from '../output/units.js';

export interface InspectFlags {
  folder: string;
  offline?: boolean;
  json?: boolean;
}

/** Prints what an adapter or a model folder holds. */
export async function runInspect({ folder: given, json, offline }: InspectFlags): Promise<void> {
  const folder = await modelFolder(given, { json, offline });
  const has = (file: string) => existsSync(join(folder, file));
  if (has('adapter_config.json') || has('adapter_model.safetensors')) return inspectAdapter(folder, json);
  if (has('config.json')) return inspectModel(folder, json);
  throw new LowrankError('file-missing', {
    given: `"${folder}"`,
    rule: 'it holds neither adapter_config.json nor config.json',
    fix: 'give the folder of an adapter or of a model',
  });
}

async function inspectAdapter(folder: string, json = false): Promise<void> {
  const adapter = await readPeft(folder);
  const { config } = adapter;
  const modules = summarise(adapter);
  const parameters = modules.reduce((sum, module) => sum + module.parameters, 0);
  if (json) {
    console.log(JSON.stringify({ type: 'adapter', config, parameters, bytes: 4 * parameters, modules }));
    return;
  }
  const scale = config.useRslora ? 'alpha / sqrt(rank)' : 'alpha / rank';
  console.log(`LoRA adapter, rank ${config.rank}, alpha ${config.alpha}, scaled by ${scale}`);
  console.log(`base      ${config.baseModelNameOrPath ?? 'not said'}`);
  console.log(`targets   ${[config.targetModules].flat().join(', ')}`);
  console.log(
    `size      ${countText(parameters)} parameters on ${modules.length} modules, ${bytesText(4 * parameters)}\n`,
  );
  const head = ['module', 'in x out', 'rank', '|A|', '|B|', '|update|'];
  const rows = modules.map((module) => [
    module.path,
    `${module.in} x ${module.out}`,
    String(module.rank),
    ...[module.normA, module.normB, module.normUpdate].map((norm) => norm.toPrecision(3)),
  ]);
  for (const line of table([head, ...rows])) console.log(line);
  const idle = modules.filter(({ normB }) => normB === 0);
  if (idle.length > 0)
    console.log(`\nwarning   B is zero on ${idle.length} of ${modules.length} modules: they never trained`);
}

async function inspectModel(folder: string, json = false): Promise<void> {
  const modules = await readModules(folder);
  const total = (of: 'parameters' | 'bytes') => modules.reduce((sum, module) => sum + module[of], 0);
  if (json) {
    console.log(JSON.stringify({ type: 'model', parameters: total('parameters'), bytes: total('bytes'), modules }));
    return;
  }
  console.log(
    `model with ${countText(total('parameters'))} parameters, ${bytesText(total('bytes'))} in memory as float32\n`,
  );
  const rows = modules.map(({ path, kind, in: from, out, parameters }) => [
    path,
    kind,
    from === undefined ? '' : `${from} x ${out}`,
    countText(parameters),
  ]);
  for (const line of table([['module', 'kind', 'in x out', 'parameters'], ...rows])) console.log(line);
}
