import { randomFolder } from '@lowrank/models';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MeasuredModelName } from './doctor/measured-model-names.js';
import { measuredModels } from './doctor/measured-models.js';

// Writes a model whose memory `lowrank doctor` measures into a folder, tells its parent so, and ends.
const [model, folder] = process.argv.slice(2) as [MeasuredModelName, string];
const made = randomFolder(measuredModels[model].config);
for (const file of ['config.json', 'model.safetensors']) {
  const source = (await made.open(file))!;
  await writeFile(join(folder, file), await source.read(0, source.size));
}
process.send!(true, () => process.exit());
