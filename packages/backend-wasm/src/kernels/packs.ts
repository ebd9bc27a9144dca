import type { DataId, TensorInfo } from '@tensorflow/tfjs-core';
import { viewOf, type View, type WasmBackend } from '../heap.js';
import { matrixSize, transposedMatrix, type Operand } from './operand.js';

/** Most memory, in bytes, that packed copies may take together; beyond it they are made anew for every product. */
const budget = 2 ** 30;

export interface Packs {
  /**
   * A right operand whose packed copy is kept until its tensor goes, or undefined while it isn't worth that:
   * what is multiplied by once, as activations are, is not kept; a frozen weight is, from its second use on.
   */
  kept(matrix: TensorInfo, transposed: boolean): Operand | undefined;
}

/** XNNPACK's packed copies of right operands on this backend. */
export function packsOf(backend: WasmBackend): Packs {
  const known = all.get(backend) ?? packs(backend);
  all.set(backend, known);
  return known;
}

const all = new WeakMap<WasmBackend, Packs>();

/**
 * XNNPACK keeps a packed copy for each right operand by its number. Left to itself tfjs keeps one for every
 * tensor, and takes it again for the same values in another shape, with wrong products. So each shape and
 * orientation gets a number of its own here. A tensor's values must not change in place once it was packed.
 */
function packs(backend: WasmBackend): Packs {
  const uses = new WeakMap<DataId, Map<string, View | undefined>>();
  let bytes = 0;

  const dispose = backend.disposeData.bind(backend);
  backend.disposeData = (dataId, force) => {
    const gone = dispose(dataId, force);
    if (gone) {
      for (const view of uses.get(dataId)?.values() ?? []) forget(view);
      uses.delete(dataId);
    }
    return gone;
  };

  function forget(view: View | undefined): void {
    if (!view) return;
    view.release();
    bytes -= view.bytes;
  }

  return {
    kept(matrix, transposed) {
      const ofTensor = uses.get(matrix.dataId) ?? new Map<string, View | undefined>();
      const key = `${matrix.shape.slice(-2).join('x')} ${transposed}`;
      if (!ofTensor.has(key)) {
        uses.set(matrix.dataId, ofTensor.set(key, undefined));
        return undefined;
      }
      const view = ofTensor.get(key);
      if (view) return { at: () => view.id, release: () => {} };

      const size = matrixSize(matrix) * Float32Array.BYTES_PER_ELEMENT;
      if (bytes + size > budget) return undefined;
      bytes += size;
      const copy = transposed ? transposedMatrix(backend, matrix, 0) : undefined;
      const made = viewOf(backend, copy ?? matrix, 0, matrixSize(matrix));
      ofTensor.set(key, made);
      // The first product packs the copy; from then on only its number is read.
      return { at: () => made.id, release: () => copy && backend.disposeData(copy.dataId) };
    },
  };
}
