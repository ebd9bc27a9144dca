import {
  broadcast_util,
  util,
  type BatchMatMulAttrs,
  type KernelConfig,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { floatsOf, idOf, viewOf, type WasmBackend } from '../heap.js';
import { batchIndices } from './batch-indices.js';
import { slicedOperand, wholeOperand, type Operand } from './operand.js';

/**
 * `BatchMatMul` with every product on XNNPACK. The stock kernel takes that path only for one untransposed
 * matrix and goes through a plain loop, ten times slower, for the rest, which is what gradients consist of.
 * Here operands are transposed first and batches go matrix by matrix, written straight into the result.
 *
 * @param stock tfjs's own kernel: it still answers for dtypes other than float32 and for shapes that do not fit.
 */
export function batchMatMul(stock: KernelConfig): KernelConfig {
  let multiply: Multiply;
  return {
    ...stock,
    setupFunc(backend) {
      stock.setupFunc?.(backend);
      multiply = multiplyOf(backend as WasmBackend);
    },
    kernelFunc(call) {
      const backend = call.backend as WasmBackend;
      const { a, b } = call.inputs as { a: TensorInfo; b: TensorInfo };
      const { transposeA, transposeB } = call.attrs as unknown as BatchMatMulAttrs;
      const [rows, inner] = sides(a, transposeA);
      const [innerOfB, columns] = sides(b, transposeB);
      if (a.dtype !== 'float32' || b.dtype !== 'float32' || inner !== innerOfB) return stock.kernelFunc(call);
      return product(backend, multiply, { a, b, transposeA, transposeB, size: [rows, inner, columns] });
    },
  };
}

interface Product extends BatchMatMulAttrs {
  a: TensorInfo;
  b: TensorInfo;
  size: Size;
}

type Size = [rows: number, inner: number, columns: number];

function product(backend: WasmBackend, multiply: Multiply, { a, b, transposeA, transposeB, size }: Product): TensorInfo {
  const [rows, inner, columns] = size;
  const [batchOfA, batchOfB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const batch = broadcast_util.assertAndGetBroadcastShape(batchOfA, batchOfB);
  const out = backend.makeOutput([...batch, rows, columns], 'float32');
  if (util.sizeFromShape(out.shape) === 0) return out;
  if (inner === 0) {
    floatsOf(backend, out).fill(0);
    return out;
  }

  const oneB = util.sizeFromShape(batchOfB) === 1;
  const right = oneB && !transposeB ? wholeOperand(backend, b) : slicedOperand(backend, b, transposeB);
  if (oneB && (!transposeA || util.sizeFromShape(batchOfA) === 1)) {
    // One right matrix for all: the left ones lie below each other, so they are the rows of a single product.
    const left = transposeA ? slicedOperand(backend, a, true) : wholeOperand(backend, a);
    multiply(left.at(0), right.at(0), idOf(backend, out), [util.sizeFromShape(batch) * rows, inner, columns]);
    release(left, right);
    return out;
  }

  const left = slicedOperand(backend, a, transposeA);
  const lefts = batchIndices(batch, batchOfA);
  const rights = batchIndices(batch, batchOfB);
  lefts.forEach((indexOfA, index) => {
    const target = viewOf(backend, out, index * rows * columns, rows * columns);
    multiply(left.at(indexOfA), right.at(rights[index] as number), target.id, size);
    target.release();
  });
  release(left, right);
  return out;
}

type Multiply = (a: number, b: number, out: number, size: Size) => void;

/** The C++ kernel on numbers of untransposed single matrices, where it calls XNNPACK. */
function multiplyOf(backend: WasmBackend): Multiply {
  const [number, shape] = ['number', 'array'];
  const parameters = [number, shape, number, number, shape, number, number, number, number];
  const call = backend.wasm.cwrap('BatchMatMul', null, parameters);
  return (a, b, out, [rows, inner, columns]) =>
    call(a, bytes([1, rows, inner]), 3, b, bytes([1, inner, columns]), 3, 0, 0, out);
}

function bytes(shape: number[]): Uint8Array {
  return new Uint8Array(Int32Array.from(shape).buffer);
}

/** Rows and columns of a matrix after its transposition. */
function sides({ shape }: TensorInfo, transposed: boolean): [number, number] {
  const [rows, columns] = shape.slice(-2) as [number, number];
  return transposed ? [columns, rows] : [rows, columns];
}

function release(...operands: Operand[]): void {
  for (const operand of operands) operand.release();
}
