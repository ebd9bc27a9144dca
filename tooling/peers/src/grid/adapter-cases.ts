import { readPeftFolder, writePeft, writePeftFolder } from '@lowrank/formats';
import { saveModel } from '@lowrank/models';
import { memory } from '@tensorflow/tfjs-core';
import { readFile } from 'node:fs/promises';
import { hasTiedHead } from './base.js';
import { difference, tensorsOf } from './difference.js';
import type { GroupName } from './groups.js';
import { applied, type Made } from './made.js';
import type { Session } from './session.js';
import { stepDifference } from './step.js';

/** The cases of one adapter: each gives the largest relative difference, or throws. */
export const adapterChecks: Partial<Record<GroupName, (session: Session, made: Made) => Promise<number>>> = {
  load: unleaked((session, made) =>
    applied(made, async () => difference(await session.read(made.model.output(made.inputs)), wanted(made, 'output'))),
  ),
  write: unleaked((session, made) =>
    applied(made, async (manager) => {
      const { base } = made.recipe;
      const [folder, out] = [session.path('written'), session.path('outputs.safetensors')];
      await writePeft(folder, await manager.adapter('peft'));
      const request = { base: await session.folderOf(base), head: base.head, folder, inputs: made.inputs, out };
      const said = await session.python.ask<string[]>('load-adapter', request);
      const news = said.filter((line) => !made.warnings.includes(line));
      if (news.length > 0) throw new Error(`PEFT warns: ${news.join(' | ')}`);
      return difference((await tensorsOf(out)).get('output')!.data, wanted(made, 'output'));
    }),
  ),
  'round-trip': async (session, { folder }) => {
    const again = session.path('again');
    await writePeftFolder(again, await readPeftFolder(folder));
    for (const file of ['adapter_config.json', 'adapter_model.safetensors']) {
      const [before, after] = await Promise.all([readFile(`${folder}/${file}`), readFile(`${again}/${file}`)]);
      if (!before.equals(after)) throw new Error(`${file} has other bytes`);
    }
    return 0;
  },
  step: unleaked((session, made) =>
    applied(made, (manager, adapter) => stepDifference(session, made, manager, adapter)),
  ),
  merge: unleaked((session, made) =>
    applied(made, async (manager) => {
      const { base } = made.recipe;
      await manager.merge();
      const here = await session.read(made.model.output(made.inputs));
      const to = session.path('merged');
      await saveModel(made.model.host, { from: await session.folderOf(base), to });
      const theirs = await session.theirs({ folder: to, head: base.head, inputs: made.inputs, keep: false });
      const merged = wanted(made, movesTiedHead(made) ? 'output' : 'merged');
      return Math.max(difference(here, merged), difference(theirs, merged));
    }),
  ),
};

/** PEFT merges a table in place and so into the head that reads it, which it had left as it was: then nothing changes here. */
function movesTiedHead({ recipe: { base, options } }: Made): boolean {
  return hasTiedHead(base) && options.targets === 'embedding';
}

function wanted({ expected }: Made, name: string): Float32Array {
  return expected.get(name)!.data;
}

function unleaked(check: (session: Session, made: Made) => Promise<number>): typeof check {
  return async (session, made) => {
    const before = memory().numTensors;
    const worst = await check(session, made);
    const more = memory().numTensors - before;
    if (more !== 0) throw new Error(`${more} tensors are left behind`);
    return worst;
  };
}
