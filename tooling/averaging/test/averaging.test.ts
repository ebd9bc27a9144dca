import { wasm } from '@lowrank/backend-wasm';
import { averageAdapters } from '@lowrank/combine';
import { useBackend, type Adapter } from '@lowrank/core';
import { readPeft } from '@lowrank/formats';
import { describe, expect, it, withFolder } from '@lowrank/testing';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readResult } from '../../campaign/src/results.mjs';
import { lossTable } from '../loss-table.mjs';
import { apart, methods, nesterov } from '../methods.mjs';
import { networkTable, speedUpTable } from '../networks.mjs';
import { runMethod } from '../run-method.mjs';
import { openTask } from '../task.mjs';

const config = { rank: 1, alpha: 1, targetModules: ['q'] } as Adapter['config'];
const of = (a: number[], b: number[]): Adapter => ({
  config,
  tensors: new Map([
    ['q.lora_A.weight', { shape: [a.length, 1], data: Float32Array.from(a) }],
    ['q.lora_B.weight', { shape: [1, b.length], data: Float32Array.from(b) }],
  ]),
});
const values = ({ tensors }: Adapter, factor: string) => [...tensors.get(`q.lora_${factor}.weight`)!.data];

describe('an average', () => {
  it('of A and B apart is no average of the updates', () => {
    const made = apart([of([1, 0], [2, 0]), of([0, 1], [0, 2])]);
    expect([values(made, 'A'), values(made, 'B')]).toEqual([
      [0.5, 0.5],
      [1, 1],
    ]);
  });

  it('without momentum, at rate 1, is the mean', () => {
    const workers = [of([1, 2], [3, 5]), of([1, 2], [7, -1])];
    const { adapter } = averageAdapters(workers, { method: 'frozen-a' });
    expect(values(nesterov({ rate: 1, momentum: 0 })(workers, undefined), 'B')).toEqual(values(adapter, 'B'));
  });

  it('as a step of Nesterov goes where the formula says, from 0', () => {
    const step = nesterov({ rate: 0.5, momentum: 0.5 });
    const first = step([of([1], [2])], undefined); // Δ = -2, m = -2: 0 - 0.5 (0.5 · -2 - 2)
    expect(values(first, 'B')).toEqual([1.5]);
    const second = step([of([1], [2.5])], first); // Δ = -1, m = -2: 1.5 - 0.5 (0.5 · -2 - 1)
    expect(values(second, 'B')).toEqual([2.5]);
    expect(values(second, 'A')).toEqual([1]);
  });
});

it(
  'one worker in one round ends in the bits of one without rounds, and two in others',
  () =>
    withFolder(async (folder) => {
      await useBackend(wasm());
      const task = await openTask(folder);
      const run = { steps: 2, rounds: 1, batch: 1, learningRate: 0.01, loraFa: true, seed: 1 };
      const adapterOf = async (method: 'frozen-a' | 'A frozen, no rounds', workers: number) => {
        const out = join(folder, `${method}-${workers}`);
        const { adapter, bytes } = await runMethod(task, { ...run, ...methods[method], workers, out });
        return { bytes, tensors: (await readPeft(adapter)).tensors };
      };
      const alone = await adapterOf('A frozen, no rounds', 1);
      const [one, two] = [await adapterOf('frozen-a', 1), await adapterOf('frozen-a', 2)];
      expect(one.tensors).toEqual(alone.tensors);
      expect(two.tensors).not.toEqual(alone.tensors);
      expect([alone.bytes, two.bytes]).toEqual([0, 2 * one.bytes]);
      task.dispose();
    }),
  60_000,
);

describe('docs/averaging.md', async () => {
  const page = await readFile(new URL('../../../docs/averaging.md', import.meta.url), 'utf8');

  it('has the table of the results', () => {
    const result = readResult('averaging');
    expect(page, 'run pnpm campaign averaging').toContain(result ? lossTable(result) : 'Not run yet.');
  });

  it('has the sums of networks', () => {
    for (const table of [networkTable(), speedUpTable()])
      expect(page, 'run node tooling/averaging/main.mjs').toContain(table);
  });
});
