import { causalLoss, generate, loadModel, loadTokenizer } from '@lowrank/models';
import { describe, expect, expectClose, it } from '@lowrank/testing';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { golden, goldenFolder, idsTensor, shifted } from '../test/golden.js';
import { tinyBase as folder } from '../test/tiny-base.js';

const readJson = async (name: string) => JSON.parse(await readFile(`${goldenFolder('tiny-base')}/${name}`, 'utf8'));

describe('the embedded base', () => {
  it.onEachBackend("gives transformers' logits and loss on held-out text", async () => {
    const { logits } = await golden('tiny-base');
    const { input_ids: ids, loss } = await readJson('expected.json');
    using model = await loadModel(folder);
    const input = idsTensor([ids]);
    const output = model.forward(input);
    expectClose(output, logits, { atol: 1e-4, because: 'four layers of float32 sums in another order than torch' });
    const ours = causalLoss(model, shifted([ids]));
    expectClose(ours, [loss], { atol: 1e-5, because: 'a mean over 63 tokens' });
    for (const tensor of [input, output, ours]) tensor.dispose();
  });

  it.onEachBackend("continues a text greedily with transformers' tokens, by way of the cache", async () => {
    const { text, greedy_continuation: ids } = await readJson('expected.json');
    const tokenizer = await loadTokenizer(folder);
    using model = await loadModel(folder);
    let written = '';
    for await (const piece of generate(model, tokenizer, { prompt: text, maxNewTokens: 24, temperature: 0 }))
      written += piece;
    expect(written).toBe(tokenizer.decode(ids));
  });

  it('splits 60 awkward texts into the ids that transformers splits them into, and joins them again', async () => {
    const tokenizer = await loadTokenizer(folder);
    const rows = (await readJson('tokens.json')) as { text: string; ids: number[] }[];
    expect(rows.length).toBeGreaterThan(10);
    for (const { text, ids } of rows) {
      expect([text, tokenizer.encode(text)]).toEqual([text, ids]);
      expect(tokenizer.decode(ids)).toBe(text);
    }
  });

  it('is small enough to ship: at most 10 MB of weights', async () => {
    expect((await readFile(join(folder, 'model.safetensors'))).length).toBeLessThanOrEqual(10_000_000);
  });
});
