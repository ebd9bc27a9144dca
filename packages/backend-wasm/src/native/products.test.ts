import { describe, expect, it } from '@lowrank/testing';
import { heap } from '../../test/heap.js';
import { engineOf, startEngine } from './engine.js';
import { multiply } from './products.js';

const kinds: [title: string, shared: boolean, threads: number, mayRelax: boolean][] = [
  ['with relaxed SIMD, on two threads', true, 2, true],
  ['without relaxed SIMD, on a heap of one thread', false, 1, false],
];

/** rows, inner, columns */
const sizes = [
  [1, 1, 1],
  [1, 40, 32],
  [1, 385, 71],
  [3, 7, 40],
  [6, 800, 8],
  [7, 5, 33],
  [8, 300, 200],
  [13, 384, 16],
  [100, 17, 24],
  [131, 9, 5],
] as const;

describe('products', () => {
  for (const [title, shared, threads, mayRelax] of kinds) {
    for (const [rows, inner, columns] of sizes) {
      it(`are alpha A B + bias + C for every layout, ${title}: [${rows}, ${inner}] x [${inner}, ${columns}]`, async () => {
        const { backend, put, get } = heap(shared);
        await startEngine(backend, threads, mayRelax);
        const engine = engineOf(backend);
        const a = wave(rows * inner, 1);
        const b = wave(inner * columns, 2);
        const [biases, old] = [wave(columns, 3), wave(rows * columns, 4)];
        const [addressOfA, addressOfB, bias] = [put(a), put(b), put(biases)];
        for (const transposeA of [false, true]) {
          for (const transposeB of [false, true]) {
            for (const [alpha, withBias, accumulate] of [
              [1, false, false],
              [0.5, true, false],
              [-2, false, true],
              [1.5, true, true],
            ] as const) {
              const c = put(old);
              multiply(engine, {
                a: {
                  address: addressOfA,
                  batch: 0,
                  ...(transposeA ? { row: 1, column: rows } : { row: inner, column: 1 }),
                },
                b: {
                  address: addressOfB,
                  batch: 0,
                  ...(transposeB ? { row: 1, column: inner } : { row: columns, column: 1 }),
                },
                c: { address: c, batch: 0, row: columns, column: 1 },
                rows,
                inner,
                columns,
                alpha,
                bias: withBias ? bias : 0,
                accumulate,
              });
              const got = get(c, rows * columns);
              for (let row = 0; row < rows; row++) {
                for (let column = 0; column < columns; column++) {
                  let want = 0;
                  for (let k = 0; k < inner; k++) {
                    const left = a[transposeA ? k * rows + row : row * inner + k] as number;
                    want += left * (b[transposeB ? column * inner + k : k * columns + column] as number);
                  }
                  want = alpha * want + (withBias ? (biases[column] as number) : 0);
                  if (accumulate) want += old[row * columns + column] as number;
                  const off = Math.abs((got[row * columns + column] as number) - want);
                  // Sums of `inner` products in float32, twice that with alpha.
                  if (!(off <= 4e-7 * inner + 1e-6))
                    expect.fail(`[${row}, ${column}] is off by ${off}, ${transposeA}, ${transposeB}`);
                }
              }
            }
          }
        }
      });
    }
  }

  it('of a batch share a right side, and leave what lies between rows of C alone', async () => {
    const { backend, put, get } = heap(true);
    await startEngine(backend, 2);
    const [batch, rows, inner, columns, stride] = [3, 7, 20, 12, 17];
    const [a, b] = [wave(batch * rows * inner, 1), wave(inner * columns, 2)];
    const c = put(new Float32Array(batch * rows * stride).fill(9));
    multiply(engineOf(backend), {
      a: { address: put(a), row: inner, column: 1, batch: rows * inner },
      b: { address: put(b), row: columns, column: 1, batch: 0 },
      c: { address: c, row: stride, column: 1, batch: rows * stride },
      rows,
      inner,
      columns,
      batch,
    });
    const got = get(c, batch * rows * stride);
    for (let at = 0; at < got.length; at++) {
      const [row, column] = [Math.floor(at / stride), at % stride];
      let want = 0;
      for (let k = 0; k < inner; k++) want += (a[row * inner + k] as number) * (b[k * columns + column] as number);
      expect(Math.abs((got[at] as number) - (column < columns ? want : 9)), `value ${at}`).toBeLessThan(1e-5);
    }
  });

  it('pack a right side of more than 4 MB piece by piece', async () => {
    const { backend, put, get } = heap(true);
    await startEngine(backend, 2);
    const [rows, inner, columns] = [14, 700, 1603];
    const [a, b] = [wave(rows * inner, 1), wave(inner * columns, 2)];
    const c = put(new Float32Array(rows * columns));
    multiply(engineOf(backend), {
      a: { address: put(a), row: inner, column: 1, batch: 0 },
      b: { address: put(b), row: columns, column: 1, batch: 0 },
      c: { address: c, row: columns, column: 1, batch: 0 },
      rows,
      inner,
      columns,
    });
    const got = get(c, rows * columns);
    for (const at of [0, 1495, 1496, 1602, 5 * columns + 1500, rows * columns - 1]) {
      const [row, column] = [Math.floor(at / columns), at % columns];
      let want = 0;
      for (let k = 0; k < inner; k++) want += (a[row * inner + k] as number) * (b[k * columns + column] as number);
      expect(Math.abs((got[at] as number) - want), `value ${at}`).toBeLessThan(1e-4);
    }
  });
});

/** Values between -1 and 1 that no stride repeats. */
function wave(length: number, seed: number): Float32Array {
  return Float32Array.from({ length }, (_, index) => Math.sin(index * 1.7 + seed * index * index * 0.013 + seed));
}
