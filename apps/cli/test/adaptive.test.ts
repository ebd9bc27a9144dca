import { describe, expect, it, withFolder } from '@lowrank/testing';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lowrank, quick, writeText } from './lowrank.js';

describe('lowrank train --adaptive-budget', () => {
  const train = (data: string, out: string, budget: number) => {
    const run = ['--steps', '16', '--learning-rate', '0.01', '--json'];
    return ['train', ...quick, '--data', data, '--out', out, ...run, '--adaptive-budget', String(budget)];
  };

  it('writes plain LoRA within the budget', async () => {
    await withFolder(async (folder) => {
      const data = await writeText(folder);
      const out = join(folder, 'out');
      const ran = await lowrank(train(data, out, 5_000));
      expect(ran.code).toBe(0);
      const pruned = ran.events.find(({ type }) => type === 'pruned')!;
      expect(pruned['parameters']).toBeLessThanOrEqual(5_000);
      expect(pruned['parameters']).toBeGreaterThan(4_400);
      const config = JSON.parse(await readFile(join(out, 'adapter_config.json'), 'utf8'));
      expect(config.peft_type).toBe('LORA');
      const ranks = Object.values(pruned['ranks'] as Record<string, number>);
      const adapted = ranks.filter((rank) => rank > 0);
      expect(Object.keys(config.rank_pattern)).toHaveLength(adapted.filter((rank) => rank !== config.r).length);
      expect(Object.keys(config.alpha_pattern)).toEqual(Object.keys(config.rank_pattern));
    });
  });

  it('refuses a budget that prunes nothing or all, before the run begins', async () => {
    await withFolder(async (folder) => {
      const data = await writeText(folder);
      for (const [budget, message] of [
        [10_000_000, 'can be pruned to'],
        [100, 'the least that one component'],
      ] as const) {
        const out = join(folder, String(budget));
        const { code, stderr } = await lowrank(train(data, out, budget));
        expect(code).toBe(2);
        expect(stderr).toContain(message);
        expect(existsSync(out)).toBe(false);
      }
    });
  });
});
