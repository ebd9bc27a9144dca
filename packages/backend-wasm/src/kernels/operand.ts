import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import { addressOf, transposerOf, viewOf, type View, type WasmBackend } from '../heap.js';

/** One side of a batched matMul: its matrices one by one, as XNNPACK takes them, untransposed. */
export interface Operand {
  /** The number of the matrix `index`; good until the next call. */
  at(index: number): number;
  release(): void;
}

/** A tensor's last two axes as matrices under numbers of their own: views into the tensor, or transposed copies. */
export function slicedOperand(backend: WasmBackend, tensor: TensorInfo, transposed: boolean): Operand {
  const size = matrixSize(tensor);
  let current: { index: number; view: View; copy: TensorInfo | undefined } | undefined;

  function release(): void {
    current?.view.release();
    if (current?.copy) backend.disposeData(current.copy.dataId);
  }

  return {
    at(index) {
      if (current?.index !== index) {
        release();
        const copy = transposed ? transposedMatrix(backend, tensor, index) : undefined;
        const view = copy ? viewOf(backend, copy, 0, size) : viewOf(backend, tensor, index * size, size);
        current = { index, view, copy };
      }
      return current.view.id;
    },
    release,
  };
}

/** A copy `[columns, rows]` of the matrix `index` among a tensor's `[..., rows, columns]`; the caller disposes it. */
export function transposedMatrix(backend: WasmBackend, tensor: TensorInfo, index: number): TensorInfo {
  const [rows, columns] = tensor.shape.slice(-2) as [number, number];
  const copy = backend.makeOutput([columns, rows], 'float32');
  const from = addressOf(backend, tensor, index * rows * columns);
  transposerOf(backend)(from, addressOf(backend, copy), rows, columns);
  return copy;
}

/** How many values each matrix of a tensor has. */
export function matrixSize({ shape }: TensorInfo): number {
  return util.sizeFromShape(shape.slice(-2));
}

/** How many matrices a tensor's leading axes hold. */
export function matricesOf({ shape }: TensorInfo): number {
  return util.sizeFromShape(shape.slice(0, -2));
}
