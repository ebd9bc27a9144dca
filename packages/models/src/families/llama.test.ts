import { causalLoss, loadModel } from '@lowrank/models';
import { describe, expect, expectClose, it } from '@lowrank/testing';
import { golden, goldenFolder, idsTensor, shifted } from '../../test/golden.js';

const because = 'two layers of float32 sums in another order than torch';

for (const name of ['llama-untied', 'llama-tied']) {
  describe(name, () => {
    it.onEachBackend("gives transformers' logits", async () => {
      const { ids, logits } = await golden(name);
      using model = await loadModel(goldenFolder(name));
      const input = idsTensor(ids);
      const output = model.forward(input);
      expect(output.shape).toEqual([2, 11, 96]);
      expectClose(output, logits, { atol: 1e-5, because });
      input.dispose();
      output.dispose();
    });

    it.onEachBackend("gives transformers' loss", async () => {
      const { ids, lossPerSequence } = await golden(name);
      using model = await loadModel(goldenFolder(name));
      const both = causalLoss(model, shifted(ids));
      const second = causalLoss(model, shifted(ids.slice(1)));
      expectClose(both, [(lossPerSequence[0]! + lossPerSequence[1]!) / 2], { atol: 1e-5, because });
      expectClose(second, [lossPerSequence[1]!], { atol: 1e-5, because });
      both.dispose();
      second.dispose();
    });
  });
}
