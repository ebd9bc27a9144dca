import { crossEntropy, frozenLinear, planAdapter } from '@lowrank/core';
import { fileSource, openSafetensors, readPeft } from '@lowrank/formats';
import { LoraManager } from '@lowrank/manager';
import { causalLoss, loadEncoder, loadModel, meanPool } from '@lowrank/models';
import { train } from '@lowrank/trainer';
import { tensor2d, tidy } from '@tensorflow/tfjs-core';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The model with its adapter on the active backend, and what is measured of it: `step` and `forward`, each of which
 * reads its loss back before its time ends.
 *
 * @param given a batch in place of the folder's own
 */
export async function openSubject({ folder, shape, quantise, variant }, given) {
  const options = quantise ? { quantise } : {};
  const model = await (shape.family === 'bert' ? loadEncoder : loadModel)(folder, options);
  const manager = new LoraManager(model);
  const adapter = await readPeft(join(folder, 'adapter'));
  if (variant === 'dora') addDora(manager, model, adapter);
  else manager.add('bench', adapter);
  const batch = given ?? (await readBatch(folder));
  const loss =
    shape.family === 'bert'
      ? await classifierLoss(model, folder, shape)
      : (batch, context) => causalLoss(model, batch, context);
  let events;

  return {
    async step() {
      manager.activate('bench');
      if (!events) await (events = training(manager, loss, batch)).next();
      return timed(async () => (await events.next()).value.loss);
    },
    /**
     * Ends the run of the steps before, for what a run trains is not merged.
     *
     * @param as `frozen`, `unmerged` or `merged`
     */
    async forward(as) {
      await events?.return();
      events = undefined;
      manager.activate(as === 'frozen' ? undefined : 'bench');
      if (as === 'merged') await manager.merge();
      return timed(async () => {
        const value = tidy(() => loss(batch, { training: false, seed: 0 }));
        const [number] = await value.data();
        value.dispose();
        return number;
      });
    },
  };
}

/** The same factors under DoRA, whose magnitudes start as the norms of the base's columns. */
function addDora(manager, model, { config, tensors }) {
  manager.add('bench', planAdapter({ ...config, useDora: true }, model.modules()));
  for (const { name, variable } of manager.parameters('bench')) {
    const saved = tensors.get(name);
    if (saved) tidy(() => variable.assign(tensor2d(saved.data, saved.shape)));
  }
}

/** Ends at no step of its own, at one learning rate. */
function training(manager, loss, batch) {
  return train({
    parameters: manager.parameters('bench'),
    loss,
    batches: { at: () => batch, weight: () => batch.targets.length, batchesPerEpoch: 1 },
    steps: 1_000_000,
    warmupSteps: 0,
    learningRate: 1e-3,
    finalLearningRate: 1,
  });
}

/** The mean of the last states through a frozen head. */
async function classifierLoss(model, folder, { hidden, classes }) {
  const file = await openSafetensors(await fileSource(join(folder, 'head.safetensors')));
  const { data } = await file.read('head');
  await file.close();
  const head = tensor2d(data, [hidden, classes]);
  return ({ batch, seq, ids, targets }, context) => {
    const states = model.forward({ ids: tensor2d(ids, [batch, seq], 'int32') }, context);
    return crossEntropy(frozenLinear(meanPool(states), head), targets);
  };
}

async function readBatch(folder) {
  const { ids, targets, ...sizes } = JSON.parse(await readFile(join(folder, 'batch.json'), 'utf8'));
  return { ...sizes, ids: Int32Array.from(ids), targets: Int32Array.from(targets) };
}

async function timed(work) {
  const start = performance.now();
  const loss = await work();
  return { ms: performance.now() - start, loss };
}
