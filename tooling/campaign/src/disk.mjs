// Disks that fail: full, read-only, slow, and files that vanish or shrink between opening and reading.
import { chmod, cp, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fullAsAWhole } from './disk/full-as-a-whole.mjs';
import { full } from './disk/full.mjs';
import { readOnly } from './disk/read-only.mjs';
import { slow } from './disk/slow.mjs';
import { harmedCommands, harmedWhileRead } from './disk/vanishing.mjs';
import { startLowrank } from './lowrank.mjs';
import { trainOn, writeText } from './small-run.mjs';

const goldens = fileURLToPath(new URL('../../goldens/data', import.meta.url));
const base = join(dirname(createRequire(import.meta.url).resolve('@lowrank/tiny-base/package.json')), 'model');

/** @returns for each kind of failing disk: trials, and those that did not end as they may */
export async function disk({ folder, fullDisks, reads, commands, stops, seed = 1, onPart = () => {} }) {
  await chmod(folder, 0o755); // so that the user who owns nothing comes through
  const data = await writeText(folder);
  const run = join(folder, 'run');
  const trained = await startLowrank(trainOn(data, run, { steps: 2 })).ended;
  if (trained.code !== 0) throw new Error(trained.stderr);
  const [earlier, intact] = [join(folder, 'earlier'), join(folder, 'intact')];
  for (const place of [earlier, intact]) {
    await mkdir(place);
    for (const name of ['adapter_model.safetensors', 'adapter_config.json'])
      await cp(join(run, name), join(place, name));
  }
  await cp(join(run, 'run', 'checkpoint.safetensors'), join(intact, 'checkpoint.safetensors'));
  await cp(join(goldens, 'gguf', 'blocks.gguf'), join(intact, 'base.gguf'));
  const given = { folder, data, earlier, intact, base, seed };
  const parts = {
    'full, file by file': () => full({ ...given, trials: fullDisks }),
    'full as a whole': () => fullAsAWhole({ ...given, trials: fullDisks }),
    'read-only': () => readOnly(given),
    'harmed while read': () => harmedWhileRead({ ...given, trials: reads }),
    'harmed under a command': () => harmedCommands({ ...given, trials: commands }),
    slow: () => slow({ ...given, stops }),
  };
  /** @type {Record<string, { trials: number, bad: object[], refused?: number, ends?: Record<string, number> }>} */
  const result = {};
  for (const [name, part] of Object.entries(parts)) {
    result[name] = await part();
    onPart(name, result[name]);
  }
  return result;
}
