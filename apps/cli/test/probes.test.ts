import { describe, expect, it, withFolder } from '@lowrank/testing';
import { lowrank, quick, writeText } from './lowrank.js';

describe('lowrank rank --by probes', () => {
  it('tries the other methods by short runs, and takes the best within the budget', async () => {
    await withFolder(async (folder) => {
      const run = ['--data', await writeText(folder), '--budget-parameters', '9000', '--by', 'probes', '--json'];
      const { code, events } = await lowrank(['rank', ...quick, ...run, '--probe-steps', '3', '--steps', '1']);
      expect(code).toBe(0);
      const { probes, modules, adapterParameters } = events.at(-1)!;
      expect(probes.map(({ steps }: { steps: number }) => steps)).toEqual([6, 6, 3, 3]);
      expect(probes.map(({ by }: { by: string }) => by).toSorted()).toEqual([
        'activations',
        'even',
        'gradients',
        'weights',
      ]);
      expect(probes[0].loss).toBeLessThanOrEqual(probes[1].loss);
      expect(adapterParameters).toBeLessThanOrEqual(9000);
      expect(modules).toHaveLength(8);
    });
  });
});
