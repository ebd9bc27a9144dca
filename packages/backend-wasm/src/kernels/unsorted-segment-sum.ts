import { util, type KernelConfig, type TensorInfo, type UnsortedSegmentSumAttrs } from '@tensorflow/tfjs-core';
import { floatsOf, intsOf, type WasmBackend } from '../heap.js';

/**
 * `UnsortedSegmentSum`, which tfjs-backend-wasm lacks: row i of `x` `[seq, ...rest]` is added to row
 * `segmentIds[i]` of the result `[numSegments, ...rest]`. It is the gradient of reading rows of a table.
 * Rows with an id outside the result are dropped, as on tfjs's other backends.
 */
export const unsortedSegmentSum: KernelConfig = {
  kernelName: 'UnsortedSegmentSum',
  backendName: 'wasm',
  kernelFunc(call) {
    const backend = call.backend as WasmBackend;
    const { x, segmentIds } = call.inputs as { x: TensorInfo; segmentIds: TensorInfo };
    const { numSegments } = call.attrs as unknown as UnsortedSegmentSumAttrs;
    const rest = x.shape.slice(segmentIds.shape.length);
    const dtype = x.dtype === 'int32' ? 'int32' : 'float32';
    const out = backend.makeOutput([numSegments, ...rest], dtype);

    const valuesOf = dtype === 'int32' ? intsOf : floatsOf;
    addRows(
      valuesOf(backend, out).fill(0),
      valuesOf(backend, x),
      intsOf(backend, segmentIds),
      util.sizeFromShape(rest),
    );
    return out;
  },
};

type Numbers = Float32Array | Int32Array;

/** Adds row i of `rows` to row `ids[i]` of `sums`. */
function addRows(sums: Numbers, rows: Numbers, ids: Int32Array, width: number): void {
  ids.forEach((id, row) => {
    const [from, to] = [row * width, id * width];
    if (to < 0 || to >= sums.length) return;
    for (let column = 0; column < width; column++) {
      (sums[to + column] as number) += rows[from + column] as number;
    }
  });
}
