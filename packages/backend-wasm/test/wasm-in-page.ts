import { wasm } from '@lowrank/backend-wasm';
import { frozenLinear, layerNorm, randomFloats, useBackend } from '@lowrank/core';
import { memory, ones, tensor2d, zeros, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';

export interface OutcomeInPage {
  isolated: boolean;
  threads: number;
  because: string;
  /** Largest differences from float64. */
  product: number;
  norm: number;
  leaked: number;
}

/** Run in a browser's page: what the backend says of itself, and a product and a fused kernel held against float64. */
export default async function wasmInPage({ threads }: { threads: number }): Promise<OutcomeInPage> {
  const backend = wasm({ threads, wasmPaths: '/wasm/' });
  await useBackend(backend);
  const capabilities = backend.capabilities();
  const before = memory().numTensors;
  const [rows, inner, columns] = [203, 150, 71];
  const [a, b] = [values(rows * inner, 1), values(inner * columns, 2)];
  const [x, weight] = [tensor2d(a, [rows, inner]), tensor2d(b, [inner, columns])];
  const y = frozenLinear(x, weight) as Tensor2D;
  const [gain, shift] = [ones([columns]) as Tensor1D, zeros([columns]) as Tensor1D];
  const z = layerNorm(y, gain, shift, 1e-5);
  const [products, norms] = [await y.data(), await z.data()];
  for (const tensor of [x, weight, y, gain, shift, z]) tensor.dispose();

  let [product, norm] = [0, 0];
  for (let row = 0; row < rows; row++) {
    const want = Array.from({ length: columns }, (_, column) => {
      let sum = 0;
      for (let k = 0; k < inner; k++) sum += (a[row * inner + k] as number) * (b[k * columns + column] as number);
      return sum;
    });
    const mean = want.reduce((sum, value) => sum + value, 0) / columns;
    const variance = want.reduce((sum, value) => sum + (value - mean) ** 2, 0) / columns;
    want.forEach((value, column) => {
      const at = row * columns + column;
      product = Math.max(product, Math.abs((products[at] as number) - value));
      norm = Math.max(norm, Math.abs((norms[at] as number) - (value - mean) / Math.sqrt(variance + 1e-5)));
    });
  }
  const because = (capabilities.oneThreadBecause as Error | undefined)?.message ?? '';
  const leaked = memory().numTensors - before;
  return { isolated: crossOriginIsolated, threads: capabilities.threads, because, product, norm, leaked };
}

function values(length: number, seed: number): Float32Array {
  return randomFloats(length, { distribution: 'normal', seed });
}
