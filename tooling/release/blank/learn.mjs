// What a user's first program does: two steps of training on the embedded model.
import { wasm } from '@lowrank/backend-wasm';
import { planAdapter, useBackend } from '@lowrank/core';
import { LoraManager } from '@lowrank/manager';
import { causalLoss, loadModel, loadTokenizer } from '@lowrank/models';
import { packDocuments, tokenBatches, train } from '@lowrank/trainer';

const text = 'Whenever it is a damp, drizzly November in my soul, I account it high time to get to sea. ';

/** @returns the loss of each step, the adapter, and the threads that computed it. */
export async function learn(folder, options = {}) {
  const backend = wasm(options);
  await useBackend(backend);
  const [model, tokenizer] = [await loadModel(folder), await loadTokenizer(folder)];
  const manager = new LoraManager(model);
  manager.add('poet', planAdapter({ rank: 4, alpha: 8, targetModules: ['q_proj', 'v_proj'] }, model.modules()));
  const windows = packDocuments([tokenizer.encode(text.repeat(8))], { seq: 32 });
  const losses = [];
  const events = train({
    parameters: manager.parameters('poet'),
    loss: (batch, context) => causalLoss(model, batch, context),
    batches: tokenBatches(windows, { batch: 4 }),
    steps: 2,
    learningRate: 0.01,
  });
  for await (const event of events) if (event.type === 'step-end') losses.push(event.loss);
  return { losses, adapter: await manager.adapter('poet'), threads: backend.capabilities().threads };
}
