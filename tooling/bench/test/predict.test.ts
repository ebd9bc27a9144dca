import { describe, expect, it, withFolder } from '@lowrank/testing';
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../src/predict.mjs', import.meta.url));
const small = '--shapes tiny-llama --backends wasm --threads 1 --sequences 8,16,32 --steps 1 --rounds 1'.split(' ');

interface Point {
  batch: number;
  memory: { predicted: number };
  seconds: number;
  predictedSeconds: number;
}

describe('predict', () => {
  it(
    'sets predictions beside measurements, with a plot, by what doctor measures',
    () =>
      withFolder(async (folder) => {
        const out = join(folder, 'predict');
        const args = [...small, '--batches', '1,2,4', '--out', out];
        const { status, stdout } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
        expect(status).toBe(0);
        const {
          points,
          speeds,
          memory: fitted,
        } = JSON.parse(await readFile(`${out}.json`, 'utf8')) as {
          points: Point[];
          speeds: { wasm: Record<string, number> }[];
          memory: { wasm: { runtime: number; overhead: number } }[];
        };
        expect(points).toHaveLength(9);
        const [{ wasm }] = speeds as [(typeof speeds)[0]];
        expect([speeds.length, wasm['linear']! > 1e8]).toEqual([1, true]);
        for (const { seconds, predictedSeconds } of points) {
          expect([seconds > 0, predictedSeconds > 0]).toEqual([true, true]);
        }
        // Tiny steps take little beside what doctor says that wasm itself takes.
        const { runtime } = fitted[0]!.wasm;
        for (const { memory } of points) expect(memory.predicted / runtime).toBeGreaterThan(1);
        expect(points[0]!.memory.predicted / runtime).toBeLessThan(1.5);
        const memory = points.slice(0, 3).map((point) => point.memory.predicted);
        expect(memory).toEqual(memory.toSorted((left, right) => left - right));
        expect(stdout).toMatch(/^\| wasm \| tiny-llama \| 4 \| 32 \| \d+\.\d \|/m);
        expect((await readFile(`${out}.svg`, 'utf8')).match(/<circle/g)!.length).toBeGreaterThanOrEqual(10);
      }),
    240_000,
  );

  it('leaves out what needs more memory than is allowed, and says so', () => {
    const args = [...small, '--batches', '1', '--most', '0.0001'];
    const { status, stdout } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
    expect([status, stdout]).toEqual([0, expect.stringContaining('wasm, tiny-llama, 1 x 32: it would need 0.0 GiB')]);
  }, 240_000);
});
