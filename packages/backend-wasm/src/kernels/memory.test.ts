import { useBackend } from '@lowrank/core';
import { wasm } from '@lowrank/backend-wasm';
import { describe, expect, it, tensorsFor } from '@lowrank/testing';
import { backend, fill, matMul, zeros } from '@tensorflow/tfjs-core';

interface Heap {
  wasm: { HEAPU8: Uint8Array };
  numDataIds(): number;
  getMemoryOffset(dataId: object): number;
}

const cases: [title: string, a: number[], b: number[], transposeA: boolean, transposeB: boolean][] = [
  ['plain matrices', [64, 48], [48, 40], false, false],
  ['transposed matrices', [48, 64], [40, 48], true, true],
  ['batches', [2, 32, 48], [2, 48, 40], false, false],
  ['transposed batches', [2, 48, 32], [2, 40, 48], true, true],
  ['small products', [2, 3, 4], [2, 4, 3], false, false],
];

describe('memory on wasm', () => {
  for (const [title, ofA, ofB, transposeA, transposeB] of cases) {
    it(`does not grow over 3000 products of ${title}`, async () => {
      await useBackend(wasm());
      const before = (backend() as unknown as Heap).numDataIds();
      const again = (times: number) => {
        for (let time = 0; time < times; time++) {
          const [a, b] = [fill(ofA, 1), fill(ofB, 1)];
          // Twice, so that the right side is kept, and freed with its tensor.
          for (let use = 0; use < 2; use++) matMul(a, b, transposeA, transposeB).dispose();
          for (const each of [a, b]) each.dispose();
        }
      };
      again(10);
      const free = freeSpace();
      again(1500);
      expect(freeSpace(), 'address of a new large block').toBe(free);
      expect((backend() as unknown as Heap).numDataIds()).toBe(before);
    });
  }

  it('does not grow while one weight is used again and again, either way round', async () => {
    await useBackend(wasm());
    const tensors = tensorsFor(8);
    const [x, dy, w] = [tensors.randn([40, 64]), tensors.randn([40, 48]), tensors.randn([64, 48])];
    const again = (times: number) => {
      for (let time = 0; time < times; time++) {
        matMul(x, w).dispose();
        matMul(dy, w, false, true).dispose();
      }
    };
    again(3);
    const free = freeSpace();
    again(1000);
    expect(freeSpace()).toBe(free);
    tensors.dispose();
  });
});

/** What a leak would move: the size of the heap and where a block larger than any hole in it would lie. */
function freeSpace(): string {
  const heap = backend() as unknown as Heap;
  const block = zeros([2 ** 18]);
  const offset = heap.getMemoryOffset(block.dataId);
  block.dispose();
  return `${heap.wasm.HEAPU8.length} bytes, ${offset}`;
}
