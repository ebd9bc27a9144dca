import { loadEncoder, loadModel } from '@lowrank/models';
import { errorOf, expect, it } from '@lowrank/testing';
import { join } from 'node:path';
import { withCopy } from '../../test/scratch.js';
import { tensorsOf, writeTensors } from '../../test/tensors-of.js';

const cases = [
  ['llama-untied', 'model.layers.1.self_attn.q_proj.weight', NaN, loadModel],
  ['llama-untied', 'model.norm.weight', Infinity, loadModel],
  ['bert', 'encoder.layer.0.output.dense.bias', -Infinity, loadEncoder],
  ['bert', 'embeddings.word_embeddings.weight', NaN, loadEncoder],
] as const;

for (const [golden, name, value, load] of cases) {
  it(`a model with ${value} in ${name} is refused whole, by the tensor and the place`, () =>
    withCopy(golden, async (folder) => {
      const file = join(folder, 'model.safetensors');
      const tensors = await tensorsOf(file);
      tensors.get(name)!.data[5] = value;
      await writeTensors(file, tensors);
      expect(await errorOf(() => load(folder))).toMatchObject({
        code: 'not-finite',
        given: `"${name}" holds ${value} at 5`,
      });
    }));
}
