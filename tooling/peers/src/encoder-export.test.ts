import { planAdapter, randomFloats, type LoraConfigInput } from '@lowrank/core';
import { writePeft } from '@lowrank/formats';
import { LoraManager } from '@lowrank/manager';
import { loadClassifier, loadEncoder, writeClassNames, type EncoderModel } from '@lowrank/models';
import { describe, expect, it, withFolder } from '@lowrank/testing';
import { tensor, tensor2d, type Tensor } from '@tensorflow/tfjs-core';
import { join } from 'node:path';
import { golden, worst } from './goldens.js';
import { hasLowrank, lowrank } from './lowrank.js';
import { hasPackage, runPython } from './python.js';

/** A BertModel, whose paths lack `bert.`, as MiniLM's do. */
const base = golden('bert');
const ids = [
  [2, 17, 40, 8, 95, 3],
  [2, 61, 5, 33, 12, 3],
];
/** States and logits are up to 5: float32 in two frameworks, each with its own order of sums. */
const tolerance = 1e-5;

/** Writes an adapter with random factors for a model, exports it against its base, and gives our output with it. */
async function written(
  model: EncoderModel,
  folder: string,
  { taskType, classNames }: { taskType: LoraConfigInput['taskType']; classNames?: string[] },
): Promise<{ adapter: string; expected: Float32Array }> {
  const [made, adapter] = [join(folder, 'made'), join(folder, 'exported')];
  using manager = new LoraManager(model);
  const config = { rank: 3, alpha: 6, targetModules: ['query', 'dense'], excludeModules: ['pooler.dense'], taskType };
  manager.add('a', planAdapter(config, model.modules()));
  for (const [seed, { variable }] of manager.parameters('a').entries()) {
    const values = tensor(randomFloats(variable.size, { distribution: 'normal', seed }), variable.shape);
    variable.assign(values);
    values.dispose();
  }
  await writePeft(made, await manager.adapter('a'));
  if (classNames) await writeClassNames(made, classNames);
  await lowrank('export', '--adapter', made, '--model', base, '--for', 'peft', '--out', adapter);
  const input = tensor2d(ids, undefined, 'int32');
  const output: Tensor = classNames ? model.classify({ ids: input }) : model.forward({ ids: input });
  const expected = (await output.data()) as Float32Array;
  for (const one of [input, output]) one.dispose();
  return { adapter, expected };
}

describe.runIf(hasLowrank && hasPackage('peft'))('an adapter for a BERT without a head, exported', () => {
  it("gives PEFT our states on AutoModel's base", () =>
    withFolder(async (folder) => {
      using model = await loadEncoder(base);
      const { adapter, expected } = await written(model, folder, { taskType: 'FEATURE_EXTRACTION' });
      const theirs = await runPython('encoder_outputs.py', 'encoder', base, adapter, JSON.stringify(ids));
      expect(worst((theirs as number[][][]).flat(2), expected)).toBeLessThan(tolerance);
      using bare = await loadEncoder(base);
      const input = tensor2d(ids, undefined, 'int32');
      const without = bare.forward({ ids: input });
      expect(worst(await without.data(), expected)).toBeGreaterThan(0.1);
      for (const one of [input, without]) one.dispose();
    }));

  it('gives PEFT our logits beneath the head that the adapter brings, under the names of its classes', () =>
    withFolder(async (folder) => {
      const classNames = ['ham', 'spam', 'eggs'];
      using model = await loadClassifier(base, { classNames, seed: 7 });
      const { adapter, expected } = await written(model, folder, { taskType: 'SEQ_CLS', classNames });
      const theirs = await runPython('encoder_outputs.py', 'classifier', base, adapter, JSON.stringify(ids));
      expect(worst((theirs as number[][]).flat(), expected)).toBeLessThan(tolerance);
    }));
});
