import { broadcast_util, util, type BatchMatMulAttrs, type KernelConfig, type TensorInfo } from '@tensorflow/tfjs-core';
import { floatsOf, type WasmBackend } from '../heap.js';
import { packsOf } from './packs.js';
import { matricesOf, slicedOperand } from './operand.js';
import { worthPacking } from './worth-packing.js';
import { xnnMultiply, xnnProducts, type Multiply } from './xnn-products.js';

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

      // Matrices that share their right side lie below each other, so they are the rows of one product.
      const together = matricesOf(b) === 1 && !transposeA ? matricesOf(a) : 1;
      const size = { rows: rows * together, inner, columns, transposeA, transposeB };
      const kept = matricesOf(b) === 1 ? packsOf(backend).kept(b, transposeB) : undefined;
      if (!kept && stockLoops(call) && !worthPacking(size)) return stock.kernelFunc(call);

      const out = backend.makeOutput(shape, 'float32');
      const right = kept ?? slicedOperand(backend, b, transposeB);
      xnnProducts(backend, multiply, { a, transposeA, right, batchOfB: b.shape.slice(0, -2), out, size });
      return out;
    },
  };
}

type Call = Parameters<KernelConfig['kernelFunc']>[0];

/**
 * Whether the stock kernel has a loop for these, and a right one: it packs a plain single product, and it
 * confuses the matrices of batches that broadcast against each other.
 */
function stockLoops({ inputs, attrs }: Call): boolean {
  const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
  const { transposeA, transposeB } = attrs as unknown as BatchMatMulAttrs;
  const [ofA, ofB] = [matricesOf(a), matricesOf(b)];
  if (ofA === 1 && ofB === 1) return transposeA || transposeB;
  const batch = broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const all = util.sizeFromShape(batch);
  return (ofA === 1 || ofA === all) && (ofB === 1 || ofB === all);
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
