import { loadModel } from '@lowrank/models';
import { errorOf, expect, it } from '@lowrank/testing';
import { goldenFolder, idsTensor } from '../test/golden.js';

it('a model hands out its modules by path, takes others back, and frees just its own', async () => {
  const model = await loadModel(goldenFolder('llama-tied'));
  const path = 'model.layers.1.mlp.down_proj';
  const base = model.get(path);
  const inputs: number[][] = [];
  model.replace(path, {
    kind: 'linear',
    forward(input, context) {
      inputs.push(input.shape);
      return base.forward(input, context);
    },
  });
  const ids = idsTensor([[1, 2, 3]]);
  model.forward(ids).dispose();
  expect(inputs).toEqual([[1, 3, 48]]);
  expect(await errorOf(() => model.get('model.layers.1.mlp.down'))).toMatchObject({
    code: 'target-not-found',
    fix: expect.stringContaining(path),
  });
  expect(await errorOf(() => model.replace('model.layers.2.mlp.down_proj', base))).toMatchObject({
    code: 'target-not-found',
  });
  ids.dispose();
  model.dispose();
  model.dispose(); // twice is once; the leak check sees the replaced module freed
});
