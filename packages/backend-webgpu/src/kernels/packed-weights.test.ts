import { webgpu } from '@lowrank/backend-webgpu';
import { BlockWeight, dequantise, embeddingLookup, frozenLinear, useBackend, type BlockFormat } from '@lowrank/core';
import { describe, expect, it } from '@lowrank/testing';
import { dispose, grad, memory, tensor, tensor1d, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { dawnIsHere } from '../../test/dawn.js';
import { random } from '../../test/op-check.js';

const [out, features] = [48, 150];
const values = random([out, features], 5);

/** The largest error that a rounding to the nearest code can make, for a block's largest value. */
const coarseness: Record<BlockFormat, number> = {
  int8: 0.5 / 127,
  nf4: 0.16,
  q4: 1 / 8,
  f16: 2 ** -11,
  bf16: 2 ** -8,
};

describe('a packed weight on the device', async () => {
  const test = it.runIf(await dawnIsHere());

  for (const format of ['int8', 'nf4', 'q4', 'f16', 'bf16'] as const) {
    test(`stands for values as near as ${format} can be, and is unpacked as a row of a table too`, async () => {
      await useBackend(webgpu());
      const weight = BlockWeight.fromRows(values, [out, features], format);
      const dense = dequantise(weight);
      const ids = tensor1d([3, 47], 'int32');
      const rows = embeddingLookup(weight, ids);
      const [all, some] = [await dense.data(), await rows.data()];
      for (const [index, value] of all.entries()) {
        const block = Math.floor((index % features) / 64) * 64 + Math.floor(index / features) * features;
        const most = values
          .subarray(block, Math.min(block + 64, (Math.floor(index / features) + 1) * features))
          .reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        expect(Math.abs(value - (values[index] as number))).toBeLessThanOrEqual(most * coarseness[format] + 1e-6);
      }
      const wanted = [3, 47].flatMap((row) => [...all.subarray(row * features, (row + 1) * features)]);
      expect([...some]).toEqual(wanted);
      weight.dispose();
      dispose([dense, ids, rows]);
    });

    test(`stays packed while ${format} is used, forward and backward`, async () => {
      await useBackend(webgpu());
      const x = tensor(random([4, features], 6), [4, features]);
      const use = async (weight: BlockWeight) => {
        const gradient = tidy(() => grad((x: Tensor) => frozenLinear(x, weight))(x));
        await gradient.data();
        gradient.dispose();
      };
      const first = BlockWeight.fromRows(values, [out, features], format);
      await use(first);
      const { numBytesInGPU: before, numBytesAllocatedInGPU: allocated } = bytes();
      const second = BlockWeight.fromRows(values, [out, features], format);
      await use(second);
      expect(bytes().numBytesInGPU - before).toBe(second.bytes);
      expect(bytes().numBytesAllocatedInGPU - allocated).toBeLessThanOrEqual(second.bytes);
      first.dispose();
      second.dispose();
      x.dispose();
    });
  }
});

function bytes() {
  return memory() as unknown as { numBytesInGPU: number; numBytesAllocatedInGPU: number };
}
