import {
  BlockWeight,
  dequantise,
  frozenLinear,
  loraLinear,
  type BlockFormat,
  type FrozenWeight,
  useBackend,
} from '@lowrank/core';
import { node } from '@lowrank/backend-node';
import { describe, expect, it, matMul64, tensorsFor, type Tensors } from '@lowrank/testing';
import { memory, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { checkOwn } from '../../test/check-own.js';
import { tensorflowIsHere } from '../../test/tensorflow-is-here.js';

const [features, out, rank] = [70, 9, 3];
const because = 'sums of 70 products in float32';
const formats = ['dense', 'int8', 'nf4', 'q4', 'f16', 'bf16'] as const;

describe('linear layers as programs equal their formulas in float64, with their gradients', async () => {
  const test = it.runIf(await tensorflowIsHere());
  for (const format of formats) {
    for (const rows of [1, 6, 0]) {
      for (const biased of [true, false])
        test(`frozenLinear: ${format}, ${rows} rows, bias ${biased}`, async () => {
          await useBackend(node());
          const tensors = tensorsFor(1);
          const { weight, values } = weightOf(tensors, format);
          const bias = biased ? (tensors.randn([out]) as Tensor1D) : undefined;
          await checkOwn({
            inputs: [tensors.randn([rows, features])],
            op: (x) => frozenLinear(x, weight, bias),
            reference: (x) => {
              const product = matMul64(x, values, [rows, features, out]);
              return bias ? sum(product, repeated(bias.dataSync(), rows)) : product;
            },
            atol: 1e-4,
            because,
          });
          free(tensors, weight);
        });

      for (const [biased, dropped] of [
        [true, false],
        [false, true],
      ]) {
        test(`loraLinear: ${format}, ${rows} rows, bias ${biased}, dropped ${dropped}`, async () => {
          await useBackend(node());
          const tensors = tensorsFor(2);
          const { weight, values } = weightOf(tensors, format);
          const bias = biased ? (tensors.randn([out]) as Tensor1D) : undefined;
          const [x, other] = [tensors.randn([rows, features]), tensors.randn([rows, features])];
          const [a, b] = [tensors.randn([features, rank]), tensors.randn([rank, out])];
          await checkOwn({
            inputs: dropped ? [x, a, b, other] : [x, a, b],
            op: (x, a, b, other) =>
              loraLinear(x!, { weight, bias, a: a as Tensor2D, b: b as Tensor2D, scaling: 0.5 }, other),
            reference: (x, a, b, other) => {
              const frozen = matMul64(x!, values, [rows, features, out]);
              const hidden = matMul64(other ?? x!, a!, [rows, features, rank]);
              const update = matMul64(hidden, b!, [rows, rank, out]).map((value) => value / 2);
              return sum(sum(frozen, update), bias ? repeated(bias.dataSync(), rows) : new Float64Array(rows * out));
            },
            atol: 2e-4,
            because,
          });
          free(tensors, weight);
        });
      }
    }
  }

  test('a packed weight stays packed: its values live no longer than the product', async () => {
    await useBackend(node());
    const tensors = tensorsFor(3);
    const { weight } = weightOf(tensors, 'nf4');
    const [x, bias] = [tensors.randn([2, features]), tensors.randn([out]) as Tensor1D];
    const before = memory().numBytes;
    const y = frozenLinear(x, weight, bias);
    expect(memory().numBytes - before).toBe(4 * 2 * out);
    y.dispose();
    free(tensors, weight);
  });
});

function weightOf(tensors: Tensors, format: BlockFormat | 'dense'): { weight: FrozenWeight; values: Float64Array } {
  const values = tensors.randn([out, features]).dataSync() as Float32Array;
  if (format !== 'dense') {
    const weight = BlockWeight.fromRows(values, [out, features], format);
    const dense = dequantise(weight);
    const kept = Float64Array.from(dense.dataSync());
    dense.dispose();
    return { weight, values: turned(kept) };
  }
  const byInputs = turned(Float64Array.from(values));
  return { weight: tensors.of(byInputs, [features, out]) as Tensor2D, values: byInputs };
}

function free(tensors: Tensors, weight: FrozenWeight): void {
  if (weight instanceof BlockWeight) weight.dispose();
  tensors.dispose();
}

/** `[out, in]` to `[in, out]`. */
function turned(values: Float64Array): Float64Array {
  return values.map((_, index) => values[(index % out) * features + Math.floor(index / out)] as number);
}

function sum(a: Float64Array, b: ArrayLike<number>): Float64Array {
  return a.map((value, index) => value + (b[index] as number));
}

function repeated(row: ArrayLike<number>, rows: number): number[] {
  return Array.from({ length: rows }, () => Array.from(row)).flat();
}
