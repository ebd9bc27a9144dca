import { useBackend, type Backend } from '@lowrank/core';
import { memory } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { backends } from './backends.js';
import { cpu } from './cpu.js';
import { tensorsFor, type Tensors } from './tensors.js';

export interface BackendTest {
  backend: Backend;
  /** Makes seeded input tensors and disposes them when the test ends. */
  tensors: Tensors;
}

/** vitest's `test` on cpu, failing when the body leaves tensors behind. */
function leakFree(name: string, body: () => unknown, timeout?: number): void {
  const run = async () => {
    await useBackend(cpu());
    await withoutLeak(body);
  };
  test(name, run, timeout);
}

/** The same test once on cpu and once on wasm. */
function onEachBackend(name: string, body: (context: BackendTest) => unknown, timeout?: number): void {
  for (const backend of backends) {
    const run = async () => {
      await useBackend(backend);
      const tensors = tensorsFor(1);
      await withoutLeak(async () => {
        try {
          await body({ backend, tensors });
        } finally {
          tensors.dispose();
        }
      });
    };
    test(`${name} [${backend.name}]`, run, timeout);
  }
}

async function withoutLeak(body: () => unknown): Promise<void> {
  const before = memory().numTensors;
  await body();
  expect(memory().numTensors, 'tensors left behind').toBe(before);
}

/** `leakFree` where `condition` holds, else a skipped test of that name. */
function runIf(condition: boolean): typeof leakFree {
  return condition ? leakFree : (name) => test.skip(name);
}

export const it = Object.assign(leakFree, { onEachBackend, runIf, each: test.each.bind(test) });
