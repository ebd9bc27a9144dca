import { readModules } from '@lowrank/models';
import { table } from '../output/table.js';
import { bytesText, countText } from '../output/units.js';

/** Prints the modules of a model folder. */
export async function printModel(folder: string, json: boolean): Promise<void> {
  const modules = await readModules(folder);
  const total = (of: 'parameters' | 'bytes') => modules.reduce((sum, module) => sum + module[of], 0);
  if (json) {
    console.log(JSON.stringify({ type: 'model', parameters: total('parameters'), bytes: total('bytes'), modules }));
    return;
  }
  const size = `${countText(total('parameters'))} parameters, ${bytesText(total('bytes'))} in memory as float32`;
  const rows = modules.map(({ path, kind, in: from, out, parameters }) => [
    path,
    kind,
    from === undefined ? '' : `${from} x ${out}`,
    countText(parameters),
  ]);
  console.log(`model with ${size}\n`);
  for (const line of table([['module', 'kind', 'in x out', 'parameters'], ...rows])) console.log(line);
}
