import { describe, expect, it, withFolder } from '@lowrank/testing';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lowrank, quick, writeText } from './lowrank.js';

const json = async (...path: string[]) => JSON.parse(await readFile(join(...path), 'utf8'));

describe('lowrank --quantise', () => {
  it('plans with the bytes of a packed base', async () => {
    const plan = ['plan', '--model', 'tiny'];
    const [dense, packed] = await Promise.all(
      [[], ['--quantise', 'nf4']].map(async (more) => (await lowrank([...plan, ...more, '--json'])).events[0]!),
    );
    expect([dense!['quantise'], packed!['quantise']]).toEqual([null, 'nf4']);
    expect(packed!['adapterBytes']).toBe(dense!['adapterBytes']);
    // 9 norms of 256 stay float32; of the rest each 64 values take 32 bytes and a scale.
    const norms = 9 * 256;
    expect(packed!['baseBytes']).toBe(4 * norms + ((3475712 - norms) / 64) * 36);
    const [half] = (await lowrank([...plan, '--quantise', 'bf16', '--json'])).events;
    expect((half!['baseBytes'] as number) / 3475712).toBeCloseTo(2.01, 2);
    const { stdout } = await lowrank([...plan, '--quantise', 'nf4']);
    expect(stdout).toMatch(/base +3,475,712 parameters, frozen, 1\.9 MiB in memory as nf4/);
  });

  it('trains on a packed base, goes on in the same format, and evaluates, generates and merges on it', async () => {
    await withFolder(async (folder) => {
      const data = await writeText(folder);
      const train = (name: string, ...more: string[]) => {
        const text = ['--data', data, '--eval-data', data, '--steps', '6', '--learning-rate', '0.01', '--seed', '3'];
        return ['train', ...quick, ...text, '--out', join(folder, name), '--checkpoint-every', '1', ...more, '--json'];
      };
      const [whole, parts] = [join(folder, 'whole'), join(folder, 'parts')];
      const ran = await lowrank(train('whole', '--quantise', 'nf4'));
      expect([ran.code, ran.events[0]!['quantise']]).toEqual([0, 'nf4']);
      const { heldOutBefore, heldOutAfter } = ran.events.at(-1)!;
      expect(heldOutAfter).toBeLessThan(0.95 * heldOutBefore);

      const stopped = await lowrank(train('parts', '--quantise', 'nf4'), {
        onLine: (line, child) => void (line.includes('"type":"step-end","step":3,') && child.kill('SIGINT')),
      });
      expect([stopped.code, (await json(parts, 'run', 'options.json')).quantise]).toEqual([130, 'nf4']);
      const other = await lowrank(['train', '--resume', '--out', parts, '--quantise', 'int8']);
      expect([other.code, other.stderr]).toMatchObject([2, expect.stringContaining('--resume with --quantise')]);
      expect((await lowrank(['train', '--resume', '--out', parts])).code).toBe(0);
      const weights = (out: string) => readFile(join(out, 'adapter_model.safetensors'));
      expect(await weights(parts)).toEqual(await weights(whole));

      expect((await lowrank(train('dense'))).code).toBe(0);
      expect(await json(whole, 'adapter_config.json')).toEqual(await json(folder, 'dense', 'adapter_config.json'));

      // The same bits are asked for of several processes.
      const window = ['--data', data, '--batch', '2', '--sequence', '32', '--backend', 'wasm', '--json'];
      const loss = async (...args: string[]) => (await lowrank(['eval', ...args, ...window])).events[0]!['loss'];
      const adapted = ['--model', 'tiny', '--adapter', whole];
      expect(await loss(...adapted, '--quantise', 'nf4')).toBe(heldOutAfter);
      expect(Math.abs((await loss(...adapted)) - heldOutAfter)).toBeGreaterThan(1e-4);
      expect((await lowrank(['generate', ...adapted, '--quantise', 'nf4', '-n', '4', '--json'])).code).toBe(0);

      const merged = join(folder, 'merged');
      const merge = await lowrank(['merge', ...adapted, '--quantise', 'nf4', '--out', merged, '--json']);
      expect(merge.events[0]!['largestLogitDifference']).toBeLessThan(1e-4);
      expect(await loss('--model', merged)).toBeCloseTo(heldOutAfter, 5);
    });
  }, 180_000);

  it('refuses a format that is none, and names those there are', async () => {
    for (const command of ['plan', 'train', 'eval', 'generate', 'merge']) {
      const { code, stderr } = await lowrank([command, '--model', 'tiny', '--quantise', 'fp4']);
      expect([command, code]).toEqual([command, 2]);
      expect(stderr).toMatch(/--quantise[\s\S]*'fp4' is invalid[\s\S]*int8, nf4, q4, bf16, f16, stored/);
    }
  });
});
