import { planAdapter, type BlockFormat } from '@lowrank/core';
import { LoraManager } from '@lowrank/manager';
import { causalLoss, loadModel, saveModel, type CausalModel } from '@lowrank/models';
import { describe, expect, expectClose, it, withFolder } from '@lowrank/testing';
import { train, type BatchSource } from '@lowrank/trainer';
import type { TokenBatch } from '@lowrank/core';
import { fileURLToPath } from 'node:url';
import { collect, only, valuesOf } from './collect.js';

const from = fileURLToPath(new URL('../../../tooling/goldens/data/llama-untied', import.meta.url));

/** One text of 24 tokens that repeats itself. */
const batches: BatchSource<TokenBatch> = {
  at: () => {
    const ids = Int32Array.from({ length: 24 }, (_, at) => 3 + ((at * 5) % 20));
    return { ids, targets: Int32Array.of(...ids.subarray(1), -100), batch: 1, seq: 24 };
  },
  weight: () => 23,
  batchesPerEpoch: 1,
};

async function trainedOn(model: CausalModel) {
  using manager = new LoraManager(model);
  const plan = planAdapter({ rank: 4, alpha: 8, targetModules: 'all-linear' }, model.modules());
  manager.add('new', plan, { seed: 3 });
  const parameters = manager.parameters('new');
  const loss = (batch: TokenBatch) => causalLoss(model, batch);
  const events = await collect(train({ parameters, loss, batches, steps: 20, learningRate: 0.01 }));
  return { losses: only(events, 'step-end').map((event) => event.loss), values: valuesOf(parameters) };
}

describe('an adapter trained on a quantised base', () => {
  for (const quantise of ['int8', 'nf4', 'q4', 'bf16'] as BlockFormat[]) {
    it.onEachBackend(`learns as it does on the dequantised weights, which stay packed: ${quantise}`, () =>
      withFolder(async (to) => {
        using model = await loadModel(from, { quantise });
        await saveModel(model, { from, to });
        using dense = await loadModel(to);
        const [ours, theirs] = [await trainedOn(model), await trainedOn(dense)];
        expect(ours.losses.at(-1)).toBeLessThan(0.5 * ours.losses[0]!);
        const because = 'float32 sums in another order, through 20 updates';
        expectClose(ours.losses, theirs.losses, { atol: 1e-3, because });

        const again = `${to}/again`;
        await saveModel(model, { from, to: again });
        using after = await loadModel(again);
        for (const { path, kind } of dense.modules()) {
          if (kind !== 'linear') continue;
          const [was, is] = [dense, after].map((each) => (each.get(path) as unknown as Weighted).weight.dataSync());
          expect(is, path).toEqual(was);
        }
      }),
    );
  }
});

interface Weighted {
  weight: { dataSync(): Float32Array };
}
