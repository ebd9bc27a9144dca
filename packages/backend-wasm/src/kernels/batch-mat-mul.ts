import { broadcast_util, util, type BatchMatMulAttrs, type KernelConfig, type TensorInfo } from '@tensorflow/tfjs-core';
import { addressOf, floatsOf, type WasmBackend } from '../heap.js';
import { engineOf } from '../native/engine.js';
import { multiply, type Matrices } from '../native/products.js';
import { batchIndices } from './batch-indices.js';

/**
 * `BatchMatMul` on our own engine, for every transposition and batch; the stock kernel goes through a plain loop,
 * ten times slower, for all but one untransposed matrix, which is what gradients and attention consist of.
 *
 * @param stock tfjs's own kernel, which answers for dtypes other than float32 and for shapes that do not fit.
 */
export function batchMatMul(stock: KernelConfig): KernelConfig {
  return {
    ...stock,
    kernelFunc(call) {
      const backend = call.backend as WasmBackend;
      const { a, b } = call.inputs as { a: TensorInfo; b: TensorInfo };
      const { transposeA, transposeB } = call.attrs as unknown as BatchMatMulAttrs;
      const [rows, inner] = sides(a, transposeA);
      const [innerOfB, columns] = sides(b, transposeB);
      if (a.dtype !== 'float32' || b.dtype !== 'float32' || inner !== innerOfB) return stock.kernelFunc(call);

      const batch = broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
      const out = backend.makeOutput([...batch, rows, columns], 'float32');
      if (util.sizeFromShape(out.shape) === 0) return out;
      if (inner === 0) {
        floatsOf(backend, out).fill(0);
        return out;
      }
      const left = matrices(backend, a, transposeA);
      const right = matrices(backend, b, transposeB);
      const target = matrices(backend, out, false);
      // Matrices that share their right side lie below each other: they are the rows of one product.
      const fold = util.sizeFromShape(b.shape.slice(0, -2)) === 1 && !transposeA;
      const runs = fold
        ? [{ from: 0, left: 0, right: 0, count: 1, leftStep: 0, rightStep: 0 }]
        : runsOf(batchIndices(batch, a.shape.slice(0, -2)), batchIndices(batch, b.shape.slice(0, -2)));
      const size = { rows: fold ? util.sizeFromShape(out.shape) / columns : rows, inner, columns };
      for (const run of runs) {
        multiply(engineOf(backend), {
          a: { ...at(left, run.left, rows * inner), batch: run.leftStep * rows * inner },
          b: { ...at(right, run.right, inner * columns), batch: run.rightStep * inner * columns },
          c: { ...at(target, run.from, rows * columns), batch: rows * columns },
          ...size,
          batch: run.count,
        });
      }
      return out;
    },
  };
}

interface Run {
  /** First matrix of the result, of the left and of the right operand. */
  from: number;
  left: number;
  right: number;
  count: number;
  /** How many matrices further the next one is. */
  leftStep: number;
  rightStep: number;
}

/** Cuts the pairs of a batch into runs in which both sides go on by even steps: one, but for mixed broadcasts. */
function runsOf(lefts: number[], rights: number[]): Run[] {
  const runs: Run[] = [];
  lefts.forEach((left, from) => {
    const right = rights[from] as number;
    const run = runs.at(-1);
    if (run?.count === 1) Object.assign(run, { leftStep: left - run.left, rightStep: right - run.right });
    const next = run && run.left + run.count * run.leftStep === left && run.right + run.count * run.rightStep === right;
    if (next && run.leftStep >= 0 && run.rightStep >= 0) run.count += 1;
    else runs.push({ from, left, right, count: 1, leftStep: 0, rightStep: 0 });
  });
  return runs;
}

function matrices(backend: WasmBackend, tensor: TensorInfo, transposed: boolean): Matrices {
  const width = tensor.shape.at(-1) as number;
  const [row, column] = transposed ? [1, width] : [width, 1];
  return { address: addressOf(backend, tensor), row, column, batch: 0 };
}

function at(all: Matrices, index: number, size: number): Matrices {
  return { ...all, address: all.address + Float32Array.BYTES_PER_ELEMENT * index * size };
}

/** Rows and columns of a matrix after its transposition. */
function sides({ shape }: TensorInfo, transposed: boolean): [number, number] {
  const [rows, columns] = shape.slice(-2) as [number, number];
  return transposed ? [columns, rows] : [rows, columns];
}
