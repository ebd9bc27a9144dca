import { BlockWeight, dequantise, embeddingLookup, frozenLinear, useBackend, type BlockFormat } from '@lowrank/core';
import { wasm } from '@lowrank/backend-wasm';
import { cpu, describe, expect, expectClose, it, matMul64 } from '@lowrank/testing';
import { memory, tensor2d, tensor3d, type Tensor } from '@tensorflow/tfjs-core';
import { checkKernel, random } from '../../test/check-kernel.js';
import { transposed64 } from '../../test/transposed64.js';

/** rows, in, out, block */
const sizes = [
  [1, 8, 1, 8],
  [1, 64, 40, 64],
  [5, 40, 20, 24],
  [70, 150, 67, 64],
  [9, 1000, 13, 128],
  // More than 4 MB of panels: the product takes them in two parts, either way.
  [2, 1100, 1210, 64],
] as const;

describe('quantised weights on wasm', () => {
  for (const format of ['int8', 'nf4', 'q4', 'f16', 'bf16'] as const) {
    for (const [rows, features, out, block] of sizes) {
      it(`multiply as the values that they stand for: ${format}, [${rows}, ${features}] x [${features}, ${out}], blocks of ${block}`, async () => {
        const { weight, values } = packed(format, features, out, block);
        await checkKernel({
          shapes: [[rows, features]],
          op: (x) => frozenLinear(x, weight),
          reference: (x) => matMul64(x, transposed64(values, [out, features]), [rows, features, out]),
          gradients: (dy) => [matMul64(dy, values, [rows, out, features])],
          atol: 1e-6 + 2e-7 * Math.max(features, out),
          because: 'one rounding, of values of up to a few, for each product of the sum',
        });
        weight.dispose();
      });
    }

    it(`are unpacked to the same bits as on cpu, whole or by rows: ${format}`, async () => {
      for (const [, features, out, block] of sizes) {
        const { weight, values } = packed(format, features, out, block);
        await useBackend(wasm());
        const dense = dequantise(weight);
        expectClose(dense, values, { atol: 0, because: 'a code times its scale is rounded once' });
        const ids = tensor2d([[out - 1, 0]], [1, 2], 'int32');
        const rows = embeddingLookup(weight, ids);
        const of = (row: number) => [...values.subarray(row * features, (row + 1) * features)];
        expectClose(rows, [...of(out - 1), ...of(0)], { atol: 0, because: 'the same rows' });
        for (const each of [weight, dense, ids, rows]) each.dispose();
        await useBackend(cpu());
      }
    });
  }

  it('never stand dense in memory', async () => {
    const { weight } = packed('nf4', 512, 2048, 64);
    await useBackend(wasm());
    const x = tensor3d(random([1, 4, 512], 1), [1, 4, 512]);
    frozenLinear(x, weight).dispose();
    const before = memory().numBytes;
    const y = frozenLinear(x, weight);
    expect(memory().numBytes - before).toBe(4 * y.size);
    for (const each of [x, y] as Tensor[]) each.dispose();
    weight.dispose();
  });
});

/** A weight and what it stands for, `[out, in]`, as core's own unpacking on the cpu backend has it. */
function packed(format: BlockFormat, features: number, out: number, block: number) {
  const weight = BlockWeight.fromRows(random([out, features], 72), [out, features], format, block);
  const dense = dequantise(weight);
  const values = dense.dataSync() as Float32Array;
  dense.dispose();
  return { weight, values };
}
