import { loadClassifier, loadTokenizer } from '@lowrank/models';
import { expect, expectClose, it } from '@lowrank/testing';
import { dispose, tensor2d } from '@tensorflow/tfjs-core';
import { readFile } from 'node:fs/promises';
import { goldenFolder } from '../../test/golden.js';

const folder = goldenFolder('bert-pairs');
const rows = JSON.parse(await readFile(`${folder}/expected.json`, 'utf8')) as {
  text: string;
  text_pair: string | null;
  logits: number[];
}[];

it.onEachBackend("gives transformers' logits of two texts that are judged together, in either order", async () => {
  const { encodeSequence } = await loadTokenizer(folder);
  using model = await loadClassifier(folder);
  for (const { text, text_pair: pair, logits } of rows) {
    const { ids, types } = encodeSequence(text, { pair: pair ?? undefined });
    const shape = [1, ids.length] as [number, number];
    const input = { ids: tensor2d(ids, shape, 'int32'), types: tensor2d(types, shape, 'int32') };
    const given = model.classify(input);
    expectClose(given, logits, { atol: 1e-6, because: 'one layer of float32 sums in another order than torch' });
    dispose([given, input.ids, input.types]);
  }
  const [one, other] = rows.map(({ logits }) => logits);
  expect(Math.max(...one!.map((value, at) => Math.abs(value - other![at]!)))).toBeGreaterThan(1e-3);
});
