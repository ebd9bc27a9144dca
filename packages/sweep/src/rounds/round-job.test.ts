import { roundJob } from '@lowrank/sweep';
import { expect, it } from '@lowrank/testing';

const options = { config: { model: 'tiny', seed: 5 }, shards: [['a.txt'], ['b.txt']], steps: 4 };

it('workers of a round differ in their data alone, rounds in seed and start', () => {
  const [one, two] = [0, 1].map((worker) => roundJob({ ...options, round: 1, worker }));
  expect(one!.config).toEqual({ model: 'tiny', seed: 5, steps: 4, data: ['a.txt'] });
  expect(two!.config).toEqual({ ...one!.config, data: ['b.txt'] });
  const later = roundJob({ ...options, round: 2, worker: 1, start: 'x/round-1/average' });
  expect(later.config).toEqual({ ...two!.config, seed: 6, startFrom: 'x/round-1/average' });
  expect([one, two, later].map((job) => job!.folder)).toEqual([
    'round-1/worker-1',
    'round-1/worker-2',
    'round-2/worker-2',
  ]);
  expect(new Set([one, two, later].map((job) => job!.id)).size).toBe(3);
});
