import { combine, rerank } from '@lowrank/combine';
import { readPeft, writePeft } from '@lowrank/formats';
import { expect, it, withFolder } from '@lowrank/testing';
import { randomAdapter } from '../test/random-adapter.js';

const one = randomAdapter(
  {
    'a.layers.0.q': { in: 9, out: 8, rank: 3 },
    'layers.0.q': { in: 9, out: 8, rank: 2 },
    'layers.1.q': { in: 9, out: 8, rank: 5 },
    'embed.table': { in: 12, out: 9, rank: 3, embedding: true },
  },
  1,
  { useRslora: true, alpha: 7, rankPattern: { 'layers.1.q': 5, '^layers.0.q': 2 }, rank: 3, targetModules: '.*' },
);
const other = randomAdapter({ 'layers.1.q': { in: 9, out: 8, rank: 4 } }, 2);

const results = {
  combined: combine([
    { adapter: one, weight: 0.6 },
    { adapter: other, weight: -0.4 },
  ]),
  'cut to ranks': rerank(one, { energy: 0.8 }).adapter,
};

for (const [name, adapter] of Object.entries(results)) {
  it(`an adapter ${name} is written and read as PEFT does it, ranks by module`, () =>
    withFolder(async (folder) => {
      await writePeft(folder, adapter);
      const { config, tensors } = await readPeft(folder);
      expect(config).toEqual(adapter.config);
      expect(tensors).toEqual(new Map(Array.from(adapter.tensors)));
      expect(Object.keys(config.rankPattern).length).toBeGreaterThan(0);
    }));
}
