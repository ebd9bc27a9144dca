import { describe, expect } from '@lowrank/testing';
import { readdir } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { test } from 'vitest';
import { processes } from './processes.js';

const run = processes();

describe('a process that uses wasm', () => {
  test('ends by itself, with its threads running and no files left behind', async () => {
    const before = await leftovers();
    const { stdout } = await run(`
      import { matMul, ones } from '@tensorflow/tfjs-core';
      const backend = wasm();
      await useBackend(backend);
      const product = matMul(ones([300, 200]), ones([200, 100]));
      console.log(JSON.stringify({ ...backend.capabilities(), value: product.dataSync()[0] }));
    `);
    expect(JSON.parse(stdout)).toEqual({ threads: Math.min(availableParallelism(), 8), value: 200 });
    expect(await leftovers()).toEqual(before);
  });

  test('runs on one thread when told to', async () => {
    const { stdout } = await run(`
      const backend = wasm({ threads: 1 });
      await useBackend(backend);
      console.log(JSON.stringify(backend.capabilities()));
    `);
    expect(JSON.parse(stdout)).toEqual({ threads: 1 });
  });

  test('goes on with one thread, and says why, where no worker can start', async () => {
    const { stdout } = await run(`
      import workers from 'node:worker_threads';
      workers.Worker = class { constructor() { throw new Error('no workers here'); } };
      const backend = wasm({ threads: 4 });
      await useBackend(backend);
      const { threads, oneThreadBecause } = backend.capabilities();
      console.log(JSON.stringify({ threads, because: oneThreadBecause }));
    `);
    expect(JSON.parse(stdout)).toEqual({ threads: 1, because: 'no workers here' });
  });

  test('hears of its own fatal errors', async () => {
    const { stdout } = await run(`
      process.on('uncaughtException', ({ message }) => console.log('heard', message));
      await useBackend(wasm());
      setTimeout(() => { throw new Error('mine'); });
    `);
    expect(stdout).toContain('heard mine');
  });

  test('may be a worker thread', async () => {
    const { stdout } = await run(`
      import { Worker, isMainThread } from 'node:worker_threads';
      if (isMainThread) new Worker(new URL(import.meta.url));
      else {
        await useBackend(wasm());
        console.log('started');
      }
    `);
    expect(stdout).toContain('started');
  });
});

async function leftovers(): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => /wasm/i.test(name));
}
