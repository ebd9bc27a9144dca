import { readPeft } from '@lowrank/formats';
import { LoraManager } from '@lowrank/manager';
import { loadModel } from '@lowrank/models';
import { describe, expectClose, it } from '@lowrank/testing';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { golden, goldenFolder, idsTensor } from '../test/golden.js';

const base = join(dirname(createRequire(import.meta.url).resolve('@lowrank/tiny-base/package.json')), 'model');
const name = 'lowrank-adapter';

describe('an adapter that lowrank trained and wrote', () => {
  it.onEachBackend('does here what it does in PEFT, apart and merged', async () => {
    const { logits } = await golden(name);
    const { input_ids: ids } = JSON.parse(await readFile(`${goldenFolder(name)}/expected.json`, 'utf8'));
    using model = await loadModel(base);
    using manager = new LoraManager(model);
    manager.add('poet', await readPeft(goldenFolder(name)));
    const input = idsTensor([ids]);
    for (const act of [async () => {}, () => manager.merge()]) {
      await act();
      const output = model.forward(input);
      expectClose(output, logits, { atol: 1e-4, because: 'four layers of float32 sums in another order than torch' });
      output.dispose();
    }
    input.dispose();
  });
});
