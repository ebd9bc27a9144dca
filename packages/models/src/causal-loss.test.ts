import { causalLoss, loadModel } from '@lowrank/models';
import { errorOf, expect, expectClose, it } from '@lowrank/testing';
import { golden, goldenFolder, shifted } from '../test/golden.js';

it('a target of -100 counts neither in the loss nor in the mean', async () => {
  const { ids, lossPerSequence } = await golden('llama-untied');
  using model = await loadModel(goldenFolder('llama-untied'));
  const batch = shifted(ids);
  batch.targets.fill(-100, 0, 11);
  const loss = causalLoss(model, batch);
  expectClose(loss, [lossPerSequence[1]!], { atol: 1e-5, because: "transformers' loss of the second sequence alone" });
  loss.dispose();
});

it('ids and targets that are no tokens of the model are refused', async () => {
  using model = await loadModel(goldenFolder('llama-untied'));
  const batch = { batch: 1, seq: 2 };
  const wrong = [
    { ids: [1, 96], targets: [1, 1] },
    { ids: [1, -100], targets: [1, 1] },
    { ids: [1, 1], targets: [96, 1] },
    { ids: [1, 1], targets: [-1, 1] },
  ];
  for (const { ids, targets } of wrong) {
    const tokens = { ids: Int32Array.from(ids), targets: Int32Array.from(targets), ...batch };
    const error = await errorOf(() => causalLoss(model, tokens));
    expect(error).toMatchObject({ code: 'data-invalid', rule: 'the model knows ids 0 to 95' });
  }
});
