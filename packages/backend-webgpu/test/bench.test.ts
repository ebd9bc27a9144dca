// The script that measures kernels runs to its end and its figures fit together; on SwiftShader they say nothing of speed.
import { bundledFor, describe, expect, it } from '@lowrank/testing';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { dawnIsHere } from './dawn.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const inside = bundledFor({
  root,
  name: '@lowrank/backend-webgpu',
  exports: await readFile(`${root}bench/kernels.bench.mjs`, 'utf8'),
  external: ['webgpu'],
});

interface Measured {
  device: string;
  peakGflops: number;
  results: ({ model: string; name: string } & Record<'ms' | 'stockMs' | 'gflops' | 'share' | 'gbps', number>)[];
}

describe('bench/kernels.bench.mjs', async () => {
  const test = it.runIf(await dawnIsHere());

  test('says of each op of two models its GFLOP/s and share of the peak, in JSON', async () => {
    const { device, peakGflops, results } = await measured();
    expect(device).toMatch(/\w/);
    expect(peakGflops).toBeGreaterThan(0);
    const names = results.map(({ model, name }) => `${model}: ${name}`);
    expect(new Set(names).size).toBe(names.length);
    for (const model of ['MiniLM-L6', 'SmolLM2-135M']) {
      for (const op of ['frozen linear', 'LoRA linear r=8', 'attention', 'cross-entropy']) {
        expect(names).toEqual(expect.arrayContaining([`${model}: ${op}`, `${model}: ${op}, and gradients`]));
      }
      expect(names).toContain(`${model}: AdamW of 48 tensors`);
    }
    for (const { gflops, share, ...rest } of results) {
      for (const figure of [gflops, rest.ms, rest.stockMs, rest.gbps]) expect(figure).toBeGreaterThan(0);
      expect(share).toBeCloseTo(gflops / peakGflops, 12);
    }
    const adamw = results.find(({ name }) => name.startsWith('AdamW'))!;
    expect(adamw.gflops * adamw.ms * 1e6).toBeCloseTo(12 * 24 * 2 * 96 * 8, 3);
  }, 300_000);
});

/** With the least time for each figure. */
async function measured(): Promise<Measured> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(inside(), 'bundle.mjs'), '1', '--json'], {
    timeout: 290_000,
  });
  return JSON.parse(stdout) as Measured;
}
