import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { causalLoss, loadModel, loadTokenizer } from '@lowrank/models';
import { writeMobyDick } from '@lowrank/quickstart/moby-dick.mjs';
import { evaluateLoss, packDocuments, tokenBatches } from '@lowrank/trainer';

const seq = 128;

/** The embedded base learns Moby-Dick. */
export const language = {
  name: 'tiny-base, Moby-Dick',
  steps: 80,
  learningRate: 5e-3,
  config: { targetModules: 'all-linear', taskType: 'CAUSAL_LM' },

  async open(seed, folder) {
    const base = join(dirname(createRequire(import.meta.url).resolve('@lowrank/tiny-base/package.json')), 'model');
    const [model, tokenizer] = [await loadModel(base), await loadTokenizer(base)];
    const paths = await writeMobyDick(join(folder, 'moby-dick'));
    const windowsOf = async (path) => {
      const lines = (await readFile(path, 'utf8')).trim().split('\n');
      const documents = lines.map((line) => tokenizer.encode(JSON.parse(line).text));
      return packDocuments(documents, { seq, endOfTextId: tokenizer.eosTokenId });
    };
    const [all, heldOut] = [await windowsOf(paths.train), await windowsOf(paths.heldOut)];
    const loss = (batch, context) => causalLoss(model, batch, context);
    const judged = tokenBatches(part(heldOut, 0, 96), { batch: 8, shuffle: false });
    return {
      model,
      loss,
      // The last 32 windows were kept apart for probes when the first runs were recorded.
      batches: tokenBatches(part(all, 0, all.count - 32), { batch: 4, seed }),
      search: ['--model', base, '--data', paths.train, '--batch', '4', '--sequence', String(seq)],
      score: async () => ({ loss: await evaluateLoss({ loss, batches: judged }) }),
    };
  },
};

function part({ ids, targets }, from, to) {
  const cut = (values) => values.slice(from * seq, to * seq);
  return { ids: cut(ids), targets: cut(targets), count: to - from, seq };
}
