import { describe, expect, it, withFolder } from '@lowrank/testing';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lowrank } from './lowrank.js';

/** A Llama of 68,288 parameters whose matrices are packed in six types. */
const model = fileURLToPath(new URL('../../../tooling/goldens/data/gguf/quantised.gguf', import.meta.url));
const text = 'the thing that they thought there was the other thing, and that was that. '.repeat(40);

describe('lowrank --model x.gguf', () => {
  it('plans from the header', async () => {
    const parameters = 68288;
    const [dense, packed] = await Promise.all(
      [[], ['--quantise', 'stored']].map(
        async (more) => (await lowrank(['plan', '--model', model, ...more, '--json'])).events[0]!,
      ),
    );
    expect(dense!['baseBytes']).toBe(4 * parameters);
    expect([packed!['quantise'], packed!['adapterBytes']]).toEqual(['stored', dense!['adapterBytes']]);
    expect(packed!['baseBytes']).toBeLessThan(0.65 * dense!['baseBytes']);
  });

  it('trains on it as it is stored, then evaluates, generates and merges', async () => {
    await withFolder(async (folder) => {
      const [data, out, merged] = ['text.txt', 'adapter', 'merged'].map((name) => join(folder, name)) as [
        string,
        string,
        string,
      ];
      await writeFile(data, text);
      const window = ['--data', data, '--sequence', '32', '--batch', '4', '--backend', 'wasm', '--json'];
      const settings = ['--eval-data', data, '--steps', '30', '--learning-rate', '0.02', '--seed', '3'];
      const trained = await lowrank([
        'train',
        '--model',
        model,
        '--quantise',
        'stored',
        ...window,
        ...settings,
        '--out',
        out,
      ]);
      const { heldOutBefore, heldOutAfter } = trained.events.at(-1)!;
      expect([trained.code, heldOutAfter < 0.8 * heldOutBefore]).toEqual([0, true]);
      expect(JSON.parse(await readFile(join(out, 'adapter_config.json'), 'utf8')).base_model_name_or_path).toBe(model);

      const loss = async (...args: string[]) => (await lowrank(['eval', ...args, ...window])).events[0]!['loss'];
      const adapted = ['--model', model, '--adapter', out];
      expect(await loss(...adapted, '--quantise', 'stored')).toBe(heldOutAfter);
      const generated = await lowrank(['generate', ...adapted, '--prompt', 'the thing th', '-n', '8', '--json']);
      expect([generated.code, generated.events.at(-1)!['text'].length > 7]).toEqual([0, true]);

      const merge = await lowrank(['merge', ...adapted, '--out', merged, '--json']);
      expect(merge.events[0]!['largestLogitDifference']).toBeLessThan(1e-4);
      expect(await loss('--model', merged)).toBeCloseTo(await loss(...adapted), 5);
      const config = JSON.parse(await readFile(join(merged, 'tokenizer_config.json'), 'utf8'));
      expect(config).toMatchObject({ eos_token: '<|end|>', chat_template: expect.stringContaining('messages') });
    });
  }, 120_000);
});
