import { BlockWeight, dequantise, embeddingLookup, useBackend, type BlockFormat } from '@lowrank/core';
import { node } from '@lowrank/backend-node';
import { cpu, describe, expect, it, tensorsFor } from '@lowrank/testing';
import { profile } from '@tensorflow/tfjs-core';
import { tensorflowIsHere } from '../../test/tensorflow-is-here.js';

describe('unpacking as a program', async () => {
  const test = it.runIf(await tensorflowIsHere());
  for (const format of ['int8', 'nf4', 'q4', 'f16', 'bf16'] satisfies BlockFormat[]) {
    for (const [out, features, block] of [
      [3, 70, 64],
      [1, 8, 8],
      [5, 128, 32],
      [2, 3, 16],
    ] as const) {
      test(`gives the very values that the composed one gives: ${format} [${out}, ${features}] by ${block}`, async () => {
        const values = await onEach(async () => {
          const tensors = tensorsFor(4);
          const rows = tensors.randn([out, features]).dataSync() as Float32Array;
          const weight = BlockWeight.fromRows(rows, [out, features], format, block);
          const ids = tensors.of([out - 1, 0, out - 1], [1, 3], 'int32');
          const { kernels, result } = await profile(() => dequantise(weight));
          const looked = embeddingLookup(weight, ids);
          const found = [...(result as typeof looked).dataSync(), ...looked.dataSync()];
          for (const each of [result as typeof looked, looked, weight]) each.dispose();
          tensors.dispose();
          return { found, kernels };
        });
        expect(values.node.found).toEqual(values.cpu.found);
        expect(values.node.kernels).toEqual([]);
      });
    }
  }
});

async function onEach<Result>(work: () => Promise<Result>): Promise<{ cpu: Result; node: Result }> {
  await useBackend(cpu());
  const onCpu = await work();
  await useBackend(node());
  return { cpu: onCpu, node: await work() };
}
