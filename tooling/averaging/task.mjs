import { planAdapter } from '@lowrank/core';
import { readPeft, writePeft } from '@lowrank/formats';
import { LoraManager } from '@lowrank/manager';
import { causalLoss, loadModel, loadTokenizer } from '@lowrank/models';
import { writeMobyDick } from '@lowrank/quickstart/moby-dick.mjs';
import { evaluateLoss, packDocuments, tokenBatches, train } from '@lowrank/trainer';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const seq = 128;
const heldOutWindows = 96;

/** The embedded base, rank 8 on all its linears, and the chapters of Moby-Dick as windows of 128 tokens. */
export async function openTask(folder) {
  const base = join(dirname(createRequire(import.meta.url).resolve('@lowrank/tiny-base/package.json')), 'model');
  const [model, tokenizer] = [await loadModel(base), await loadTokenizer(base)];
  const plan = planAdapter({ rank: 8, alpha: 16, targetModules: 'all-linear', taskType: 'CAUSAL_LM' }, model.modules());
  const paths = await writeMobyDick(join(folder, 'data'));
  const [chapters, heldOut] = await Promise.all(
    [paths.train, paths.heldOut].map((path) => documentsOf(path, tokenizer)),
  );
  const pack = (documents) => packDocuments(documents, { seq, endOfTextId: tokenizer.eosTokenId });
  const { ids, targets } = pack(heldOut);
  const size = heldOutWindows * seq;
  const unseen = { ids: ids.slice(0, size), targets: targets.slice(0, size), count: heldOutWindows, seq };
  const loss = (batch, context) => causalLoss(model, batch, context);

  return {
    /** Trains as a job of `lowrank train` says, whose `data` is `worker/workers`: chapters go to the workers in turn. */
    async train({ config, steps }, out) {
      const { data, seed, startFrom, batch, learningRate, loraFa = false } = config;
      const [worker, workers] = data[0].split('/').map(Number);
      const windows = pack(chapters.filter((_, index) => index % workers === worker));
      const manager = new LoraManager(model);
      try {
        manager.add('worker', startFrom === undefined ? plan : await readPeft(startFrom), { seed });
        const batches = tokenBatches(windows, { batch, seed });
        const parameters = manager.parameters('worker');
        for await (const _ of train({ parameters, loss, batches, steps, seed, learningRate, loraFa }));
        await writePeft(out, await manager.adapter('worker'));
      } finally {
        manager.dispose();
      }
    },

    /** Held-out loss of an adapter, or of the base alone, in nats a token. */
    async lossOf(adapter) {
      const manager = new LoraManager(model);
      try {
        if (adapter !== undefined) manager.add('adapter', await readPeft(adapter));
        return await evaluateLoss({ loss, batches: tokenBatches(unseen, { batch: 8, shuffle: false }) });
      } finally {
        manager.dispose();
      }
    },

    dispose: () => model.dispose(),
  };
}

async function documentsOf(path, tokenizer) {
  const lines = (await readFile(path, 'utf8')).trim().split('\n');
  return lines.map((line) => tokenizer.encode(JSON.parse(line).text));
}
