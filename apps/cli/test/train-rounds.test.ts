import { averageAdapters } from '@lowrank/combine';
import type { Adapter } from '@lowrank/core';
import { readPeft } from '@lowrank/formats';
import { expect, it, matMul64, withFolder } from '@lowrank/testing';
import { join } from 'node:path';
import { lowrank } from './lowrank.js';
import { writeRounds } from './rounds.js';

it('trains one adapter by two workers, goes on after it was killed, and ends in a PEFT folder', async () => {
  await withFolder(async (folder) => {
    const file = await writeRounds(folder);
    const out = join(folder, 'out');
    const command = ['train-rounds', file, '--out', out, '--json'];
    const killed = await lowrank(command, {
      onLine: (line, child) => void (line.includes('"worker-end"') && child.kill('SIGKILL')),
    });
    expect(killed.code).toBe(null);
    const again = await lowrank(command);
    expect([again.code, again.events.at(-1)]).toEqual([
      0,
      { type: 'result', adapter: join(out, 'round-2', 'average') },
    ]);

    const read = (round: number, name: string) => readPeft(join(out, `round-${round}`, name));
    const workers = await Promise.all([1, 2].map((worker) => read(2, `worker-${worker}`)));
    const [first, average] = [await read(1, 'average'), await read(2, 'average')];
    expect(average.tensors).toEqual(averageAdapters(workers, { method: 'frozen-a' }).adapter.tensors);
    for (const [name, { data }] of average.tensors) {
      const same = data.every((value, at) => value === first.tensors.get(name)!.data[at]);
      expect(same, name).toBe(name.includes('lora_A'));
    }
  });
}, 120_000);

it('averages by product where asked: A learns too, and each round tells how far the average is from the mean', async () => {
  await withFolder(async (folder) => {
    const file = await writeRounds(folder, { average: 'product' });
    const out = join(folder, 'out');
    const { code, events } = await lowrank(['train-rounds', file, '--out', out, '--json']);
    expect(code).toBe(0);
    const read = (round: number, name: string) => readPeft(join(out, `round-${round}`, name));
    const told = events.filter(({ type }) => type === 'average');
    expect(told.map(({ method }) => method)).toEqual(['product', 'product']);
    for (const round of [1, 2]) {
      const workers = [await read(round, 'worker-1'), await read(round, 'worker-2')];
      const average = await read(round, 'average');
      expect(average.tensors).toEqual(averageAdapters(workers, { method: 'product' }).adapter.tensors);
      const modules = told[round - 1]!['modules'] as { path: string; error: number }[];
      expect(modules.map(({ path }) => path).toSorted()).toEqual(pathsOf(average).toSorted());
      for (const { path, error } of modules) {
        expect(error, path).toBeGreaterThan(0.001);
        // Each is there to the rounding of its factors to float32.
        const far = distance(productOf(average, path), meanOf(workers, path));
        expect(Math.abs(far - error), path).toBeLessThan(1e-5);
      }
    }
    const [first, second] = [await read(1, 'average'), await read(2, 'average')];
    for (const [name, { data }] of second.tensors) {
      expect(
        data.every((value, at) => value === first.tensors.get(name)!.data[at]),
        name,
      ).toBe(false);
    }
  });
}, 120_000);

it('refuses the mean of A and of B apart, and says what there is', async () => {
  await withFolder(async (folder) => {
    const file = await writeRounds(folder, { average: 'factors' });
    const { code, stderr } = await lowrank(['train-rounds', file, '--out', join(folder, 'out')]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('frozen-a or product')]);
  });
});

/** What is adapted, by path. */
const pathsOf = ({ tensors }: Adapter) =>
  [...tensors.keys()].flatMap((name) =>
    name.endsWith('.lora_A.weight') ? [name.slice(0, -'.lora_A.weight'.length)] : [],
  );

/** `A B`, `[in, out]`, in float64. */
function productOf({ tensors }: Adapter, path: string): Float64Array {
  const [a, b] = ['A', 'B'].map((factor) => tensors.get(`${path}.lora_${factor}.weight`)!);
  return matMul64(a!.data, b!.data, [a!.shape[0]!, a!.shape[1]!, b!.shape[1]!]);
}

function meanOf(adapters: Adapter[], path: string): Float64Array {
  const products = adapters.map((adapter) => productOf(adapter, path));
  return products[0]!.map((_, at) => products.reduce((sum, product) => sum + product[at]! / products.length, 0));
}

/** `‖one - other‖ / ‖other‖` */
const distance = (one: Float64Array, other: Float64Array) =>
  norm(one.map((value, at) => value - other[at]!)) / norm(other);

const norm = (values: Float64Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
