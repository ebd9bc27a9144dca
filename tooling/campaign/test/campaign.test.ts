import { describe, expect, it, withFolder } from '@lowrank/testing';
import { readFile } from 'node:fs/promises';
import { disk } from '../src/disk.mjs';
import { growth } from '../src/growth.mjs';
import { hub } from '../src/hub.mjs';
import { kill } from '../src/kill.mjs';
import { readResult } from '../src/results.mjs';
import { slope } from '../src/slope.mjs';
import { steps } from '../src/steps.mjs';
import { filled } from '../src/tables.mjs';

describe('a small campaign of', () => {
  it(
    'kills ends in the bits of a run that nothing disturbed',
    () =>
      withFolder(async (folder) => {
        const { kills, differing, mixed, unreadable, leftovers } = await kill({ folder, kills: 2, seed: 3 });
        expect({ kills, differing, mixed, unreadable, leftovers }).toEqual({
          kills: 2,
          differing: 0,
          mixed: 0,
          unreadable: 0,
          leftovers: 0,
        });
      }),
    120_000,
  );

  it('steps has as many tensors after each', async () => {
    const { steps: done, tensors, tensorBytes } = await steps({ backend: 'wasm', steps: 60, every: 10 });
    expect(done).toBe(60);
    expect(tensors[0]).toBe(tensors[1]);
    expect(tensorBytes[0]).toBe(tensorBytes[1]);
  }, 120_000);

  it(
    'failing disks leaves whole adapters and says what failed',
    () =>
      withFolder(async (folder) => {
        const parts = await disk({ folder, fullDisks: 4, reads: 60, commands: 2, stops: 2 });
        expect(
          Object.entries(parts).flatMap(([name, { bad }]) => bad.map((one: object) => ({ name, ...one }))),
        ).toEqual([]);
        expect(parts['harmed while read']!.refused).toBeGreaterThan(10);
      }),
    120_000,
  );

  it(
    'hostile hubs ends in errors, in bounded memory, with nothing outside the cache',
    () =>
      withFolder(async (folder) => {
        const { cases, peakOfHonest } = await hub({ folder, short: true, names: 50_000 });
        expect(cases.filter(({ good }) => !good)).toEqual([]);
        const index = cases.find(({ what }) => what === 'an index of 50,000 names')!;
        const indexBytes = 50_000 * '"layer.49999.weight":"model-00001.safetensors",'.length;
        expect(index.mostMiB - peakOfHonest - 128).toBeCloseTo((10 * indexBytes) / 2 ** 20, -1);
        for (const { peakMiB, mostMiB } of cases) expect(peakMiB).toBeLessThanOrEqual(mostMiB);
      }),
    120_000,
  );
});

it('a slope by least squares is that of the line', () => {
  expect(slope([10, 20, 30, 50].map((x) => [x, 7 * x - 3]))).toBeCloseTo(7, 12);
});

it('steps that leave tensors or memory behind are named, and those of the results are not', () => {
  const calm = { tensors: [23, 23], tensorBytes: [100, 100], residentBytesPerStep: 1000 };
  const leaky = { tensors: [23, 24], tensorBytes: [100, 104], residentBytesPerStep: 1001 };
  expect(growth({ calm, leaky })).toEqual([
    'leaky: 23 to 24 tensors, not the same after each step',
    'leaky: 100 to 104 bytes of tensors, not the same after each step',
    'leaky: resident memory grew by 1001 B a step, more than 1000',
  ]);
  expect(growth(readResult('steps').backends)).toEqual([]);
});

it('docs/reliability.md has the tables of the results', async () => {
  const page = await readFile(new URL('../../../docs/reliability.md', import.meta.url), 'utf8');
  expect(filled(page), 'run node tooling/campaign/report.mjs').toBe(page);
});
