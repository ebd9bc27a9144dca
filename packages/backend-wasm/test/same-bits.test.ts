import { expect } from '@lowrank/testing';
import { test } from 'vitest';
import { processes } from './processes.js';

const run = processes();

/** Every op with a kernel of ours, its value and gradients, on sides that no tile divides; the digest of all their bits. */
const program = (threads: number) => `
  import * as tf from '@tensorflow/tfjs-core';
  import { createHash } from 'node:crypto';
  const backend = wasm({ threads: ${threads} });
  await useBackend(backend);
  let seed = 1;
  const values = (shape) => core.randomFloats(tf.util.sizeFromShape(shape), { distribution: 'normal', seed: seed++ });
  const random = (...shape) => tf.tensor(values(shape), shape);
  const hash = createHash('sha256');
  const add = (tensor) => hash.update(new Uint8Array(tensor.dataSync().slice().buffer));
  const ops = [];
  const bits = (op, ...inputs) => {
    const y = tf.tidy(() => op(...inputs));
    const found = tf.grads(op)(inputs, tf.onesLike(y));
    for (const each of [y, ...found]) add(each);
    ops.push(op);
  };
  const [weight, bias] = [random(150, 203), random(203)];
  const packed = core.BlockWeight.fromRows(values([203, 150]), [203, 150], 'nf4');
  const [gain, shift] = [random(203), random(203)];
  bits((x) => core.frozenLinear(x, weight, bias), random(301, 150));
  bits((x) => core.frozenLinear(x, packed), random(301, 150));
  for (const w of [weight, packed]) {
    bits((x, a, b) => core.loraLinear(x, { weight: w, bias, a, b, scaling: 2 }), random(301, 150), random(150, 8), random(8, 203));
  }
  bits((x) => core.layerNorm(x, gain, shift, 1e-5), random(301, 203));
  bits((x) => core.rmsNorm(x, gain, 1e-5), random(301, 203));
  bits((x) => core.gelu(x), random(301, 203));
  bits((x) => core.gelu(x, { approximate: 'tanh' }), random(301, 203));
  bits((x, y) => core.swiglu(x, y), random(301, 203), random(301, 203));
  bits((x, y) => core.residual(x, y), random(301, 203), random(301, 203));
  const [cos, sin] = [random(67, 5), random(67, 5)];
  bits((x) => core.rotary(x, cos, sin), random(2, 6, 67, 10));
  for (const causal of [true, false]) {
    bits((q, k, v) => core.attention(q, k, v, { causal }), random(2, 6, 131, 10), random(2, 3, 137, 10), random(2, 3, 137, 10));
  }
  bits((x) => core.crossEntropy(x, Int32Array.from({ length: 301 }, (_, row) => row % 203)), random(301, 203));
  const lists = () => [random(301, 203), random(7)];
  const state = { parameters: lists(), gradients: lists(), m: lists(), v: lists().map(tf.abs) };
  const next = core.adamw({ ...state, learningRate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1, step: 3 });
  for (const each of Object.values(next).flat()) add(each);
  console.log(JSON.stringify({ threads: backend.capabilities().threads, ops: ops.length, bits: hash.digest('hex') }));
`;

test('every kernel gives the same bits on one thread, two and five', async () => {
  const outcomes = [];
  for (const threads of [1, 2, 5]) outcomes.push(JSON.parse((await run(program(threads))).stdout));
  expect(outcomes.map(({ threads }) => threads)).toEqual([1, 2, 5]);
  expect(outcomes[0].ops).toBe(14);
  expect(new Set(outcomes.map(({ bits }) => bits)).size).toBe(1);
});
