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
  const train = (data: string, out: string, more: string[]) => {
    const run = ['--steps', '4', '--learning-rate', '0.01', '--checkpoint-every', '2', '--json'];
    return ['train', ...quick, '--data', data, '--out', out, ...run, ...more];
  };

  for (const [name, rank, more] of starts) {
    it(`starts with ${more.join(' ')}, learns, and writes plain LoRA`, async () => {
      await withFolder(async (folder) => {
        const out = join(folder, 'out');
        const ran = await lowrank(train(await writeText(folder), out, more));
        expect([ran.code, ran.stderr.includes('error')]).toEqual([0, false]);
        const { heldOutBefore, heldOutAfter } = ran.events.at(-1)!;
        expect(heldOutAfter).toBeLessThan(heldOutBefore);
        const config = await configOf(out);
        expect([config.init_lora_weights, config.r, config.use_dora]).toEqual([true, rank, name === 'pissa']);
      });
    });
  }

  it('goes on to the byte where the factors started at what the base holds', async () => {
    await withFolder(async (folder) => {
      const data = await writeText(folder);
      const [whole, parts] = [join(folder, 'whole'), join(folder, 'parts')];
      const more = ['--init', 'olora', '--lora-fa'];
      expect((await lowrank(train(data, whole, more))).code).toBe(0);
      const stopped = await lowrank(train(data, parts, more), {
        onLine: (line, child) => void (line.includes('"type":"step-end","step":2,') && child.kill('SIGINT')),
      });
      expect(stopped.code).toBe(130);
      expect((await lowrank(['train', '--resume', '--out', parts])).code).toBe(0);
      expect(await weightsOf(parts)).toEqual(await weightsOf(whole));
    });
  });

  it('refuses an init that is none, and loftq on a base that is not packed', async () => {
    await withFolder(async (folder) => {
      const data = await writeText(folder);
      const run = ['train', ...quick, '--data', data, '--out', join(folder, 'out')];
      const wrong = [
        ['--init', 'pisa'],
        ['--init', 'loftq'],
        ['--lora-plus', '0.5'],
      ];
      const ran = await Promise.all(wrong.map((more) => lowrank([...run, ...more])));
      expect(ran.map(({ code }) => code)).toEqual([2, 2, 2]);
      expect(ran.map(({ stderr }) => stderr)).toEqual([
        expect.stringContaining('pissa_niter_<n>'),
        expect.stringContaining('loftq without --quantise'),
        expect.stringContaining('--lora-plus'),
      ]);
    });
  });
});
