import { fastPissa, olora, pissa } from '@lowrank/core';
import { describe, expect, expectClose, it, matMul64, type Tensors } from '@lowrank/testing';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { readFileSync } from 'node:fs';
import { golden } from '../../test/golden.js';

interface Case {
  name: string;
  init: string;
  shape: [number, number];
  rank: number;
  scaling: number;
  weight: number[];
  product: number[];
  /** The random vectors that PyTorch began with. */
  start: number[];
}

const cases = JSON.parse(readFileSync(golden('lora-init/factors.json'), 'utf8')) as Case[];

describe("factors from a weight are PEFT's, signs of their pairs aside", () => {
  for (const one of cases) {
    it.onEachBackend(one.name, async ({ tensors }) => {
      const { a, b } = await factorsOf(tensors, one);
      const [features, out] = one.shape;
      expectClose(matMul64(a, b, [features, one.rank, out]), one.product, {
        atol: 1e-5,
        because: 'PEFT decomposes in float32: 8e-6 from float64 where two singular values are near',
      });
    });
  }

  it('holds each init', () => {
    expect(new Set(cases.map(({ init }) => init))).toEqual(
      new Set(['pissa', 'olora', 'pissa_niter_0', 'pissa_niter_3']),
    );
  });
});

function factorsOf(tensors: Tensors, { init, shape, rank, scaling, ...one }: Case) {
  const weight = tensors.of(one.weight, shape) as Tensor2D;
  if (init === 'olora') return olora(weight, { rank });
  if (init === 'pissa') return pissa(weight, { rank, scaling });
  const iterations = Number(init.split('_').at(-1));
  return fastPissa(weight, { rank, scaling, iterations, start: Float32Array.from(one.start) });
}
