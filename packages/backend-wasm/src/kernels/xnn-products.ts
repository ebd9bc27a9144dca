import type { TensorInfo } from '@tensorflow/tfjs-core';
import { addressOf, idOf, transposerOf, viewOf, type WasmBackend } from '../heap.js';
import type { Operand } from './operand.js';

/** One untransposed product `[rows, inner] x [inner, columns]` on tensors given by their numbers. */
export type Multiply = (a: number, b: number, out: number, size: Size) => void;

interface Size {
  rows: number;
  inner: number;
  columns: number;
}

export interface Products {
  left: Operand;
  right: Operand;
  /** For each matrix of `out`, which of the left and right ones it is made from. */
  pairs: (readonly [left: number, right: number])[];
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

/** Writes every matrix of `out` as `left right`, and releases both. */
export function straightProducts(backend: WasmBackend, multiply: Multiply, products: Products): void {
  const { left, right, pairs, out, size } = products;
  const length = size.rows * size.columns;
  pairs.forEach(([indexOfA, indexOfB], index) => {
    const target = viewOf(backend, out, index * length, length);
    multiply(left.at(indexOfA), right.at(indexOfB), target.id, size);
    target.release();
  });
  left.release();
  right.release();
}

/** Writes every matrix of `out` as `(rightᵀ leftᵀ)ᵀ`, given both transposed already, and releases both. */
export function turnedProducts(backend: WasmBackend, multiply: Multiply, products: Products): void {
  const { left, right, pairs, out, size } = products;
  const { rows, inner, columns } = size;
  const scratch = backend.makeOutput([columns, rows], 'float32');
  pairs.forEach(([indexOfA, indexOfB], index) => {
    multiply(right.at(indexOfB), left.at(indexOfA), idOf(backend, scratch), { rows: columns, inner, columns: rows });
    const target = addressOf(backend, out, index * rows * columns);
    transposerOf(backend)(addressOf(backend, scratch), target, columns, rows);
  });
  backend.disposeData(scratch.dataId);
  left.release();
  right.release();
}

function bytes(shape: number[]): Uint8Array {
  return new Uint8Array(Int32Array.from(shape).buffer);
}
