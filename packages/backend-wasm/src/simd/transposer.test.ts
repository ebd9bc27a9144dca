import { describe, expect, it } from '@lowrank/testing';
import { transposerOn, type HeapModule } from './transposer.js';

const shapes = [
  [1, 1],
  [3, 5],
  [4, 4],
  [16, 16],
  [17, 33],
  [20, 18],
  [2, 9],
  [9, 2],
  [35, 64],
] as const;

const heaps: [title: string, heap: () => HeapModule][] = [
  ['a shared heap', () => heapOf({ wasmMemory: new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true }) })],
  ['a heap of one thread', () => heapOf({ asm: { memory: new WebAssembly.Memory({ initial: 1, maximum: 65536 }) } })],
  ['a heap that is out of reach', () => ({ HEAPU8: new Uint8Array(65536) })],
];

describe('a transposer', () => {
  for (const [title, make] of heaps) {
    it(`moves every value to its place and no further, on ${title}`, () => {
      const heap = make();
      const values = new Float32Array(heap.HEAPU8.buffer);
      const transpose = transposerOn(heap);
      for (const [rows, columns] of shapes) {
        const size = rows * columns;
        values.fill(-1).set(
          Float32Array.from({ length: size }, (_, index) => index),
          1,
        );
        transpose(4, 4 * (size + 1), rows, columns);
        const want = Array.from({ length: size }, (_, index) => (index % rows) * columns + Math.floor(index / rows));
        expect([...values.subarray(size + 1, 2 * size + 1)], `[${rows}, ${columns}]`).toEqual(want);
        expect(values[2 * size + 1]).toBe(-1);
      }
    });
  }
});

function heapOf(module: Omit<HeapModule, 'HEAPU8'>): HeapModule {
  const memory = (module.wasmMemory ?? module.asm?.memory) as WebAssembly.Memory;
  return { ...module, HEAPU8: new Uint8Array(memory.buffer) };
}
