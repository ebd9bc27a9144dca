import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import { idOf, viewOf, type WasmBackend } from '../heap.js';
import { batchIndices } from './batch-indices.js';
import { matricesOf, slicedOperand, wholeOperand, type Operand } from './operand.js';

/** One untransposed product `[rows, inner] x [inner, columns]` on tensors given by their numbers. */
export type Multiply = (a: number, b: number, out: number, size: Size) => void;

export interface Size {
  rows: number;
  inner: number;
  columns: number;
}

export interface Products {
  /** `[...batch, rows, inner]`, or its last axes the other way round */
  a: TensorInfo;
  transposeA: boolean;
  /** Released when the products are done. */
  right: Operand;
  batchOfB: number[];
  /** `[...batch, rows, columns]`, to be written */
  out: TensorInfo;
  /** Of one product. */
  size: Size;
}

/** The C++ kernel, called so that it goes to XNNPACK. */
export function xnnMultiply(backend: WasmBackend): Multiply {
  const [number, shape] = ['number', 'array'];
  const parameters = [number, shape, number, number, shape, number, number, number, number];
  const call = backend.wasm.cwrap('BatchMatMul', null, parameters);
  return (a, b, out, { rows, inner, columns }) =>
    call(a, bytes([1, rows, inner]), 3, b, bytes([1, inner, columns]), 3, 0, 0, out);
}

/** Writes every matrix of `out`: in one product where the left ones lie below each other as its rows, else one by one. */
export function xnnProducts(backend: WasmBackend, multiply: Multiply, products: Products): void {
  const { a, transposeA, right, batchOfB, out, size } = products;
  if (util.sizeFromShape(batchOfB) === 1 && (!transposeA || matricesOf(a) === 1)) {
    const left = transposeA ? slicedOperand(backend, a, true) : wholeOperand(backend, a);
    multiply(left.at(0), right.at(0), idOf(backend, out), size);
    left.release();
  } else {
    const left = slicedOperand(backend, a, transposeA);
    const batch = out.shape.slice(0, -2);
    const rights = batchIndices(batch, batchOfB);
    batchIndices(batch, a.shape.slice(0, -2)).forEach((indexOfA, index) => {
      const target = viewOf(backend, out, index * size.rows * size.columns, size.rows * size.columns);
      multiply(left.at(indexOfA), right.at(rights[index] as number), target.id, size);
      target.release();
    });
    left.release();
  }
  right.release();
}

function bytes(shape: number[]): Uint8Array {
  return new Uint8Array(Int32Array.from(shape).buffer);
}
