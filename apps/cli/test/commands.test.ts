import { describe, expect, it, withFolder } from '@lowrank/testing';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lowrank, quick, writeText } from './lowrank.js';

// The same bits are asked for of several processes.
const wasm = ['--backend', 'wasm'];

describe('lowrank', () => {
  it('explains itself and each command', async () => {
    const root = await lowrank(['--help']);
    expect(root.code).toBe(0);
    for (const name of [
      'train',
      'eval',
      'generate',
      'classify',
      'inspect',
      'merge',
      'export',
      'import',
      'plan',
      'doctor',
    ]) {
      expect(root.stdout).toContain(name);
      const { code, stdout } = await lowrank([name, '--help']);
      expect([code, stdout.includes('--json')]).toEqual([0, true]);
    }
  });

  it('says its version', async () => {
    const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
    expect(await lowrank(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` });
  });

  it('plans from a header, for people and machines', async () => {
    const { events } = await lowrank(['plan', '--model', 'tiny', '--rank', '8', '--json']);
    expect(events).toHaveLength(1);
    const plan = events[0]!;
    expect(plan).toMatchObject({ type: 'plan', baseParameters: 3475712, baseBytes: 4 * 3475712 });
    // Per layer: q, o 256x256; k, v 256x128; gate, up 256x704; down 704x256.
    const perLayer = 8 * (2 * 512 + 2 * 384 + 3 * 960);
    expect([plan['adapterParameters'], plan['adapterBytes']]).toEqual([4 * perLayer, 16 * perLayer]);
    expect(plan['reductionPercent']).toBeCloseTo(100 * (1 - (4 * perLayer) / 3475712), 10);
    expect(plan['modules']).toHaveLength(28);
    const { stdout } = await lowrank(['plan', '--model', 'tiny', '--rank', '8', '--targets', 'q_proj']);
    expect(stdout).toMatch(/q_proj +256 x 256 +8 +2 +4 +16,384/);
  });

  it('evaluates, generates and merges with an adapter as without, from its own folder', async () => {
    await withFolder(async (folder) => {
      const data = await writeText(folder);
      const [out, merged] = [join(folder, 'adapter'), join(folder, 'merged')];
      const trained = await lowrank([
        'train',
        ...quick,
        '--data',
        data,
        '--eval-data',
        data,
        '--out',
        out,
        '--steps',
        '6',
        '--learning-rate',
        '0.01',
        '--json',
      ]);
      const window = ['--data', data, '--batch', '2', '--sequence', '32', ...wasm, '--json'];
      const loss = async (...args: string[]) => (await lowrank(['eval', ...args, ...window])).events[0]!['loss'];
      const { heldOutBefore, heldOutAfter } = trained.events.at(-1)!;
      expect(await loss('--model', 'tiny')).toBe(heldOutBefore);
      expect(await loss('--model', 'tiny', '--adapter', out)).toBe(heldOutAfter);
      const merge = await lowrank(['merge', '--model', 'tiny', '--adapter', out, '--out', merged, ...wasm, '--json']);
      expect(merge.events[0]!['largestLogitDifference']).toBeLessThan(1e-4);
      expect(await loss('--model', merged)).toBeCloseTo(heldOutAfter, 5);

      const write = (seed: string) =>
        lowrank([
          'generate',
          '--model',
          'tiny',
          '--adapter',
          out,
          '--prompt',
          'The whale',
          '--max-tokens',
          '12',
          '--seed',
          seed,
          ...wasm,
          '--json',
        ]);
      const [one, again, other] = [await write('1'), await write('1'), await write('2')];
      const textOf = (ran: typeof one) => ran.events.at(-1)!['text'] as string;
      expect(textOf(one).length).toBeGreaterThan(0);
      expect(textOf(again)).toBe(textOf(one));
      expect(textOf(other)).not.toBe(textOf(one));
      expect(
        one.events
          .slice(0, -1)
          .map(({ piece }) => piece)
          .join(''),
      ).toBe(textOf(one));

      const again2 = await lowrank(['merge', '--model', 'tiny', '--adapter', out, '--out', merged]);
      expect([again2.code, again2.stderr.includes('--overwrite')]).toEqual([2, true]);
    });
  }, 120_000);
});
