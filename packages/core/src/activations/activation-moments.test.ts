import { activationMoments, FrozenLinear, hostOf, LoraLinear, type ActivationMoments, type Host } from '@lowrank/core';
import { describe, errorOf, expect, expectClose, it, type Tensors } from '@lowrank/testing';
import { add, memory, tidy, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';

const close = { atol: 2e-6, because: 'means of some 20 products in float32' };
const shape = [2, 3, 5];

describe('activationMoments', () => {
  it.onEachBackend('gives the moments of what each module is given over all batches', async ({ tensors }) => {
    const { host, run, batches } = setUp(tensors);
    const moments = await activationMoments(host, { paths: ['q', 'k', 'out'], batches, forward: run });
    const rows = batches.flatMap((x) => rowsOf(x, 5));
    expect(moments.get('q')!.count).toBe(12);
    expectMoments(moments.get('q')!, rows);
    expect(moments.get('k')).toBe(moments.get('q'));
    const inner = batches.flatMap((x) => tidy(() => rowsOf(hidden(host, x), 4)));
    expectMoments(moments.get('out')!, inner);
  });

  it.onEachBackend('counts only the positions that it is told to, and asks batch by batch', async ({ tensors }) => {
    const { host, run, batches } = setUp(tensors);
    const done: number[] = [];
    const moments = await activationMoments(host, {
      paths: ['q'],
      batches: oneByOne(batches),
      forward: run,
      counts: (x) => (x === batches[0] ? [1, 0, 0, 1, 1, 0] : [0, 0, 0, 0, 0, 1]),
      onBatch: (count) => void done.push(count),
    });
    const [first, second] = batches.map((x) => rowsOf(x, 5));
    expectMoments(moments.get('q')!, [first![0]!, first![3]!, first![4]!, second![5]!]);
    expect(done).toEqual([1, 2]);
  });

  it.onEachBackend('watches adapted modules too, whose output stays theirs to the bit', async ({ tensors }) => {
    const { host, run, batches } = setUp(tensors);
    const layer = LoraLinear.fromBase(host.get('out') as FrozenLinear, { rank: 2, alpha: 4, init: 'random' });
    host.replace('out', layer);
    const [x] = batches as [Tensor];
    const before = tidy(() => run(x).dataSync());
    let within: ArrayLike<number> = [];
    const forward = (x: Tensor) => (within = run(x).dataSync());
    const moments = await activationMoments(host, { paths: ['out'], batches: [x], forward });
    expect(within).toEqual(before);
    expect(host.get('out')).toBe(layer);
    expectMoments(
      moments.get('out')!,
      tidy(() => rowsOf(hidden(host, x), 4)),
    );
    layer.dispose();
  });

  it.onEachBackend('gives the host its modules back and frees all where a pass fails', async ({ tensors }) => {
    const { host, run, batches } = setUp(tensors);
    const q = host.get('q');
    const count = memory().numTensors;
    const failing = (x: Tensor) => {
      run(x);
      throw new Error('no');
    };
    await expect(activationMoments(host, { paths: ['q', 'out'], batches, forward: failing })).rejects.toThrow('no');
    expect(host.get('q')).toBe(q);
    const counts = () => [1, 1];
    expect(await errorOf(() => activationMoments(host, { paths: ['q'], batches, forward: run, counts }))).toMatchObject(
      {
        code: 'shape-mismatch',
        given: '2 counts for an input of shape [2, 3, 5]',
      },
    );
    expect(memory().numTensors).toBe(count);
  });

  it.onEachBackend('refuses a path that is none, and a module that no position went through', async ({ tensors }) => {
    const { host, run, batches } = setUp(tensors);
    const of = (path: string, forward: (x: Tensor) => unknown) =>
      errorOf(() => activationMoments(host, { paths: [path], batches, forward, counts: () => [1, 1, 1, 1, 1, 1] }));
    expect(await of('qq', run)).toMatchObject({ code: 'target-not-found' });
    expect(await of('k', (x) => host.get('q').forward(x))).toMatchObject({
      code: 'config-invalid',
      given: 'no activation of "k"',
    });
  });
});

function setUp(tensors: Tensors) {
  const linear = (from: number, to: number) => new FrozenLinear(tensors.randn([from, to]) as Tensor2D);
  const host = hostOf({ q: linear(5, 4), k: linear(5, 4), out: linear(4, 3) });
  const run = (x: Tensor) => host.get('out').forward(hidden(host, x));
  return { host, run, batches: [tensors.randn(shape), tensors.randn(shape)] };
}

function hidden(host: Host, x: Tensor): Tensor {
  return add(host.get('q').forward(x), host.get('k').forward(x));
}

async function* oneByOne<Item>(items: Item[]): AsyncGenerator<Item> {
  yield* items;
}

function rowsOf(x: Tensor, size: number): number[][] {
  const values = Array.from(x.dataSync());
  return Array.from({ length: values.length / size }, (_, row) => values.slice(row * size, (row + 1) * size));
}

function expectMoments({ count, mean, second }: ActivationMoments, rows: number[][]): void {
  const size = rows[0]!.length;
  const meanOf = (of: (row: number[]) => number) => rows.reduce((sum, row) => sum + of(row), 0) / rows.length;
  expect(count).toBe(rows.length);
  expectClose(
    mean,
    Float64Array.from({ length: size }, (_, at) => meanOf((row) => row[at]!)),
    close,
  );
  expectClose(
    second,
    Float64Array.from({ length: size * size }, (_, at) =>
      meanOf((row) => row[Math.floor(at / size)]! * row[at % size]!),
    ),
    close,
  );
}
