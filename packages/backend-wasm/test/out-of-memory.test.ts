import { expect } from '@lowrank/testing';
import { test } from 'vitest';
import { processes } from './processes.js';

const run = processes();

test('where the heap is full, work ends in out-of-memory, and goes on with all tensors as they were', async () => {
  // Blocks that nothing writes to, so that the test takes addresses and no memory.
  const { stdout } = await run(`
    import * as tf from '@tensorflow/tfjs-core';
    await useBackend(wasm());
    const values = Float32Array.from({ length: 512 * 512 }, (_, index) => Math.sin(index));
    const weight = tf.tensor2d(values, [512, 512]);
    const lora = { weight, a: tf.fill([512, 4], 0.5), b: tf.fill([4, 512], 0.5), scaling: 1 };
    const engine = tf.engine();
    const blocks = [];
    let megabytes = 0;
    const codes = new Set();
    const refused = (work) => {
      try {
        tf.dispose(work());
        return 'done';
      } catch (error) {
        codes.add(error.code);
        return error.code;
      }
    };
    for (const size of [1024, 64, 1]) {
      const take = () => {
        blocks.push(engine.makeTensorFromTensorInfo(tf.backend().makeOutput([size * 2 ** 18], 'float32')));
        megabytes += size;
      };
      while (refused(take) === 'done');
    }
    const tensors = tf.memory().numTensors;
    const outcomes = [
      refused(() => tf.matMul(weight, weight)),
      refused(() => tf.fill([2 ** 20], 1)),
      refused(() => tf.tidy(() => core.loraLinear(tf.reshape(blocks[0], [-1, 512]), lora))),
    ];
    const leaked = tf.memory().numTensors - tensors;
    const kept = weight.dataSync().every((value, index) => value === values[index]);
    tf.dispose(blocks);
    const y = core.frozenLinear(tf.ones([2048, 512]), weight);
    const column = values.reduce((sum, value, index) => (index % 512 === 3 ? sum + value : sum), 0);
    console.log(JSON.stringify({ megabytes, outcomes, codes: [...codes], leaked, kept, off: Math.abs(y.dataSync()[3] - column) }));
  `);
  const { megabytes, outcomes, codes, leaked, kept, off } = JSON.parse(stdout);
  expect(megabytes).toBeGreaterThan(1900);
  expect(outcomes).toEqual(['out-of-memory', 'out-of-memory', 'out-of-memory']);
  expect(codes).toEqual(['out-of-memory']);
  expect(leaked).toBe(0);
  expect(kept).toBe(true);
  expect(off).toBeLessThan(1e-3);
});
