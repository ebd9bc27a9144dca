import { broadcast_util, util, type BatchMatMulAttrs, type KernelConfig, type TensorInfo } from '@tensorflow/tfjs-core';
import { floatsOf, type WasmBackend } from '../heap.js';
import { batchIndices } from './batch-indices.js';
import { chooseWay } from './choose-way.js';
import { matricesOf, slicedOperand } from './operand.js';
import { packsOf } from './packs.js';
import { straightProducts, turnedProducts, xnnMultiply, type Multiply } from './xnn-products.js';

/**
 * `BatchMatMul` on XNNPACK. The stock kernel takes that path only for one untransposed matrix and goes through
 * a plain loop, ten times slower, for all else, which is what gradients and attention consist of. Here
 * operands are transposed first and batches go matrix by matrix, written straight into the result.
 *
 * @param stock tfjs's own kernel. It still answers where its loop is faster, for dtypes other than float32 and
 * for shapes that do not fit.
 */
export function batchMatMul(stock: KernelConfig): KernelConfig {
  let multiply: Multiply;
  return {
    ...stock,
    setupFunc(backend) {
      stock.setupFunc?.(backend);
      multiply = xnnMultiply(backend as WasmBackend);
    },
    kernelFunc(call) {
      const backend = call.backend as WasmBackend;
      const { a, b } = call.inputs as { a: TensorInfo; b: TensorInfo };
      const { transposeA, transposeB } = call.attrs as unknown as BatchMatMulAttrs;
      const [rows, inner] = sides(a, transposeA);
      const [innerOfB, columns] = sides(b, transposeB);
      if (a.dtype !== 'float32' || b.dtype !== 'float32' || inner !== innerOfB) return stock.kernelFunc(call);

      const batch = broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
      const shape = [...batch, rows, columns];
      if (util.sizeFromShape(shape) === 0 || inner === 0) return zeros(backend, shape);

      const kept = matricesOf(b) === 1 ? packsOf(backend).kept(b, transposeB) : undefined;
      const fold = matricesOf(b) === 1 && !transposeA;
      const size = { rows: fold ? rows * matricesOf(a) : rows, inner, columns };
      const way = kept ? 'straight' : chooseWay({ ...size, transposeA, transposeB }, mayLoop(a, b));
      if (way === 'loop') return stock.kernelFunc(call);

      const out = backend.makeOutput(shape, 'float32');
      // Matrices that share their right side lie below each other: they are the rows of one product.
      const left = fold ? asMatrix(a) : a;
      const lefts = batchIndices(fold ? [] : batch, left.shape.slice(0, -2));
      const rights = batchIndices(fold ? [] : batch, fold ? [] : b.shape.slice(0, -2));
      const pairs = lefts.map((index, at) => [index, rights[at] as number] as const);
      const turned = way === 'turned';
      (turned ? turnedProducts : straightProducts)(backend, multiply, {
        left: slicedOperand(backend, left, transposeA !== turned),
        right: kept ?? slicedOperand(backend, b, transposeB !== turned),
        pairs,
        out,
        size,
      });
      return out;
    },
  };
}

/**
 * Whether the stock kernel's loop may answer. It sums in another order than XNNPACK: not where one right side may be
 * met again and then be packed, or a run that was resumed would end with other bits than one that was not. And of
 * batches that broadcast against each other it confuses the matrices.
 */
function mayLoop(a: TensorInfo, b: TensorInfo): boolean {
  const [ofA, ofB] = [matricesOf(a), matricesOf(b)];
  if (ofB === 1) return false;
  const all = util.sizeFromShape(broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2)));
  return (ofA === 1 || ofA === all) && ofB === all;
}

/** `[...batch, rows, columns]` as `[batch * rows, columns]`. */
function asMatrix(tensor: TensorInfo): TensorInfo {
  const [rows, columns] = tensor.shape.slice(-2) as [number, number];
  return { ...tensor, shape: [matricesOf(tensor) * rows, columns] };
}

function zeros(backend: WasmBackend, shape: number[]): TensorInfo {
  const out = backend.makeOutput(shape, 'float32');
  floatsOf(backend, out).fill(0);
  return out;
}

/** Rows and columns of a matrix after its transposition. */
function sides({ shape }: TensorInfo, transposed: boolean): [number, number] {
  const [rows, columns] = shape.slice(-2) as [number, number];
  return transposed ? [columns, rows] : [rows, columns];
}
