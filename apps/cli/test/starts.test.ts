import { describe, expect, it, withFolder } from '@lowrank/testing';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lowrank, quick, writeText } from './lowrank.js';

const weightsOf = (out: string) => readFile(join(out, 'adapter_model.safetensors'));
const configOf = async (out: string) => JSON.parse(await readFile(join(out, 'adapter_config.json'), 'utf8'));

/** What each comes out as: plain LoRA, of twice the rank where it adds what has changed since its start. */
const starts: [name: string, rank: number, more: string[]][] = [
  ['pissa', 4, ['--init', 'pissa_niter_2', '--dora', '--lora-plus', '4']],
  ['loftq', 2, ['--init', 'loftq', '--quantise', 'nf4']],
  ['eva', 2, ['--init', 'eva', '--lora-fa']],
];

describe('lowrank train --init', () => {
  for (const [name, rank, more] of starts) {
    it(`starts with ${more.join(' ')}, learns, goes on to the byte, and writes plain LoRA`, async () => {
      await withFolder(async (folder) => {
        const data = await writeText(folder);
        const train = (out: string) => {
          const run = ['--steps', '6', '--learning-rate', '0.01', '--checkpoint-every', '2', '--json'];
          return ['train', ...quick, '--data', data, '--out', out, ...run, ...more];
        };
        const [whole, parts] = [join(folder, 'whole'), join(folder, 'parts')];
        const ran = await lowrank(train(whole));
        expect([ran.code, ran.stderr.includes('error')]).toEqual([0, false]);
        const { heldOutBefore, heldOutAfter } = ran.events.at(-1)!;
        expect(heldOutAfter).toBeLessThan(heldOutBefore);
        const stopped = await lowrank(train(parts), {
          onLine: (line, child) => void (line.includes('"type":"step-end","step":3,') && child.kill('SIGINT')),
        });
        expect(stopped.code).toBe(130);
        expect((await lowrank(['train', '--resume', '--out', parts])).code).toBe(0);
        expect(await weightsOf(parts)).toEqual(await weightsOf(whole));
        const config = await configOf(whole);
        expect([config.init_lora_weights, config.r, config.use_dora]).toEqual([true, rank, name === 'pissa']);
        const packed = more.includes('--quantise') ? ['--quantise', 'nf4'] : [];
        const held = ['--data', data, '--batch', '2', '--sequence', '32', '--backend', 'wasm', '--json'];
        const evaluated = await lowrank(['eval', '--model', 'tiny', '--adapter', whole, ...packed, ...held]);
        expect(evaluated.code).toBe(0);
      });
    });
  }

  it('refuses an init that is none, and loftq on a base that is not packed', async () => {
    await withFolder(async (folder) => {
      const data = await writeText(folder);
      const train = ['train', ...quick, '--data', data, '--out', join(folder, 'out')];
      const typo = await lowrank([...train, '--init', 'pisa']);
      expect([typo.code, typo.stderr]).toMatchObject([2, expect.stringContaining('pissa_niter_<n>')]);
      const dense = await lowrank([...train, '--init', 'loftq']);
      expect([dense.code, dense.stderr]).toMatchObject([2, expect.stringMatching(/loftq without --quantise/)]);
      const half = await lowrank([...train, '--lora-plus', '0.5']);
      expect([half.code, half.stderr]).toMatchObject([2, expect.stringContaining('--lora-plus')]);
    });
  });
});
