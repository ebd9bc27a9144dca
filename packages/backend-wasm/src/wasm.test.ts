import { LowrankError, useBackend } from '@lowrank/core';
import { wasm } from '@lowrank/backend-wasm';
import { cpu, describe, expect, it } from '@lowrank/testing';
import { engine, getBackend, getKernel } from '@tensorflow/tfjs-core';
import os from 'node:os';
import workers from 'node:worker_threads';

// In this order: the first start in a process decides for all later ones.
describe('wasm', () => {
  it('starts nothing and registers nothing until init', () => {
    wasm();
    expect(engine().registry['wasm']).toBeUndefined();
    expect(getKernel('UnsortedSegmentSum', 'wasm')).toBeUndefined();
  });

  it('refuses a number of threads that is none', () => {
    for (const threads of [0, -1, 1.5, Number.NaN]) {
      expect(() => wasm({ threads })).toThrow(expect.objectContaining({ code: 'config-invalid' }));
    }
  });

  it('throws backend-unavailable where its files are missing, and leaves the active backend', async () => {
    const lost = wasm({ wasmPaths: '/nowhere/' });
    await expect(useBackend(lost)).rejects.toSatisfy((error) => LowrankError.is(error, 'backend-unavailable'));
    expect(getBackend()).toBe('cpu');
  });

  it('starts after a failed start, with as many threads as there are cores, and puts back what it borrowed', async () => {
    const borrowed = [os.cpus, workers.Worker, Object.getOwnPropertyDescriptor(globalThis, 'Worker')];
    const listeners = process.listeners('uncaughtException');
    const backend = wasm();
    await Promise.all([backend.init(), backend.init(), wasm().init()]);
    const cores = os.availableParallelism();
    expect(backend.capabilities()).toEqual({ threads: Math.min(cores, 8) });
    expect([os.cpus, workers.Worker, Object.getOwnPropertyDescriptor(globalThis, 'Worker')]).toEqual(borrowed);
    expect(process.listeners('uncaughtException')).toEqual(listeners);
  });

  it('is the same backend after a second init, with kernels registered once', async () => {
    await useBackend(wasm());
    const [running, kernel] = [engine().registry['wasm'], getKernel('BatchMatMul', 'wasm')];
    await useBackend(cpu());
    await useBackend(wasm());
    expect(engine().registry['wasm']).toBe(running);
    expect(getKernel('BatchMatMul', 'wasm')).toBe(kernel);
  });
});
