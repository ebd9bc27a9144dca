import { KvCache, loadModel } from '@lowrank/models';
import { errorOf, expect, expectClose, it } from '@lowrank/testing';
import { fill, slice, tidy, type Rank } from '@tensorflow/tfjs-core';
import { golden, goldenFolder, idsTensor } from '../../test/golden.js';

it.onEachBackend('reading a batch in parts through a cache gives the logits of reading it at once', async () => {
  const { ids, logits } = await golden('llama-untied');
  using model = await loadModel(goldenFolder('llama-untied'));
  using cache = new KvCache();
  const [batch, seq, vocab] = [2, 11, 96];
  let from = 0;
  for (const count of [4, 1, 1, 5]) {
    const part = idsTensor(ids.map((row) => row.slice(from, from + count)));
    const output = tidy(() => model.forward(part, undefined, cache));
    const expected = Array.from({ length: batch * count * vocab }, (_, index) => {
      const [row, at] = [Math.floor(index / (count * vocab)), index % (count * vocab)];
      return logits[row * seq * vocab + from * vocab + at] as number;
    });
    expectClose(output, expected, { atol: 1e-5, because: "transformers' logits of the whole, in float32" });
    part.dispose();
    output.dispose();
    from += count;
    expect(cache.length).toBe(from);
  }
});

it('a cache can be used again once it is disposed, and refuses more than the model can hold', async () => {
  const { ids } = await golden('llama-tied');
  using model = await loadModel(goldenFolder('llama-tied'));
  const cache = new KvCache();
  const input = idsTensor(ids);
  const firstLogit = () =>
    tidy(() => slice(model.forward(input, undefined, cache), [0, 0, 0], [1, 1, 1]).dataSync()[0]);
  const first = firstLogit();
  cache.dispose();
  expect([cache.length, firstLogit()]).toEqual([0, first]);
  for (let time = 2; time <= 5; time++) firstLogit();
  expect(await errorOf(firstLogit)).toMatchObject({
    code: 'shape-mismatch',
    given: 'a sequence of 66 positions',
    rule: expect.stringContaining('at most 64'),
  });
  cache.dispose();
  input.dispose();
});

it('a cache lets go of keys that a window has passed, and still counts them', () => {
  using cache = new KvCache();
  const ones = (seq: number, value: number) => fill<Rank.R4>([1, 2, seq, 3], value);
  const held: number[][] = [];
  for (const [value, seq] of [5, 1, 1, 3].entries()) {
    tidy(() => {
      const { keys, values } = cache.append(0, ones(seq, value), ones(seq, value + 100), 4);
      held.push(Array.from(slice(keys, [0, 0, 0, 0], [1, 1, -1, 1]).dataSync()));
      expect(Array.from(values.dataSync())).toEqual(Array.from(keys.dataSync(), (key) => key + 100));
    });
  }
  // Each query sees four keys: those that come with it, and three from before the first of them.
  expect(held).toEqual([
    [0, 0, 0, 0, 0],
    [0, 0, 0, 1],
    [0, 0, 1, 2],
    [0, 1, 2, 3, 3, 3],
  ]);
  expect(cache.length).toBe(10);
});
