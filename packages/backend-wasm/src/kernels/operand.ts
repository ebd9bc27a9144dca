import type { TensorInfo } from '@tensorflow/tfjs-core';
import { floatsOf, idOf, viewOf, type View, type WasmBackend } from '../heap.js';
import { transposeMatrix } from './transpose-matrix.js';

/** One side of a batched matMul: its matrices one by one, as XNNPACK takes them, untransposed. */
export interface Operand {
  /** The number of the matrix `index`; good until the next call. */
  at(index: number): number;
  release(): void;
}

/** The whole tensor as one matrix under its own number: XNNPACK keeps its packed copy until the tensor goes. */
export function wholeOperand(backend: WasmBackend, tensor: TensorInfo): Operand {
  return { at: () => idOf(backend, tensor), release: () => {} };
}

/**
 * A tensor's last two axes as matrices under numbers that live for one product: views into the tensor, or
 * into one scratch matrix that each is transposed to.
 */
export function slicedOperand(backend: WasmBackend, tensor: TensorInfo, transposed: boolean): Operand {
  const [rows, columns] = tensor.shape.slice(-2) as [number, number];
  const size = rows * columns;
  const scratch = transposed ? backend.makeOutput([columns, rows], 'float32') : undefined;
  let current: { index: number; view: View } | undefined;

  function view(index: number): View {
    if (!scratch) return viewOf(backend, tensor, index * size, size);
    transposeMatrix(floatsOf(backend, tensor), index * size, floatsOf(backend, scratch), [rows, columns]);
    return viewOf(backend, scratch, 0, size);
  }

  return {
    at(index) {
      if (current?.index !== index) {
        current?.view.release();
        current = { index, view: view(index) };
      }
      return current.view.id;
    },
    release() {
      current?.view.release();
      if (scratch) backend.disposeData(scratch.dataId);
    },
  };
}
