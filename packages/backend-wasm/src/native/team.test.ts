import { describe, expect, it } from '@lowrank/testing';
import { heap } from '../../test/heap.js';
import { runElements } from './elements.js';
import { engineOf, startEngine } from './engine.js';
import { multiply } from './products.js';

describe('a team', () => {
  it('gives the same bits on one thread, on two and on five', async () => {
    const [rows, inner, columns] = [150, 801, 90];
    const values = (length: number) => Float32Array.from({ length }, (_, index) => Math.sin(index * index));
    const results: Float32Array[] = [];
    for (const threads of [1, 2, 5]) {
      const { backend, put, get } = heap(true);
      expect(await startEngine(backend, threads)).toEqual({ threads });
      const c = put(new Float32Array(rows * columns));
      multiply(engineOf(backend), {
        a: { address: put(values(rows * inner)), row: inner, column: 1, batch: 0 },
        b: { address: put(values(inner * columns)), row: columns, column: 1, batch: 0 },
        c: { address: c, row: columns, column: 1, batch: 0 },
        rows,
        inner,
        columns,
      });
      results.push(get(c, rows * columns));
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  it('runs every task of every job once, job after job', async () => {
    const { backend, put, get } = heap(true);
    await startEngine(backend, 3);
    const engine = engineOf(backend);
    // Three tasks and a short fourth; each job adds 1 to each value, in place.
    const size = 3 * 2 ** 14 + 5;
    const [sums, ones] = [put(new Float32Array(size)), put(new Float32Array(size).fill(1))];
    for (let job = 0; job < 3000; job++) runElements(engine, 'add', size, { out: sums, x: sums, y: ones });
    expect(new Set(get(sums, size))).toEqual(new Set([3000]));
  });

  it('wakes from sleep for a job after a pause', async () => {
    const { backend, put, get } = heap(true);
    await startEngine(backend, 2);
    const size = 2 ** 16;
    const [sums, ones] = [put(new Float32Array(size)), put(new Float32Array(size).fill(1))];
    for (let job = 0; job < 5; job++) {
      // The workers' patience is about 0.05 ms.
      await new Promise((resolve) => setTimeout(resolve, 5));
      runElements(engineOf(backend), 'add', size, { out: sums, x: sums, y: ones });
    }
    expect(new Set(get(sums, size))).toEqual(new Set([5]));
  });
});
