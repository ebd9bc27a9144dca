import { describe, expect, it, withFolder } from '@lowrank/testing';
import { lowrank, quick, writeText } from './lowrank.js';

interface Chosen {
  path: string;
  rank: number;
  parameters: number;
}

interface Result {
  by: string;
  updates: number;
  adapterParameters: number;
  reductionPercent: number;
  modules: Chosen[];
}

describe('lowrank rank with data', () => {
  const ranked = async (data: string, args: string[]) => {
    const run = ['rank', ...quick, '--data', data, '--targets', 'all-linear', '--learning-rate', '0.01'];
    const { code, events, stderr } = await lowrank([...run, ...args, '--json']);
    expect(code, stderr).toBe(0);
    return events.at(-1) as unknown as Result;
  };

  it('takes the ranks that a short adaptive run ends with, again the same ones', () =>
    withFolder(async (folder) => {
      const data = await writeText(folder);
      const args = ['--budget-parameters', '40000', '--updates', '16'];
      const first = await ranked(data, args);
      expect(first).toMatchObject({ by: 'adaptive', updates: 16 });
      const used = first.modules.reduce((sum, { parameters }) => sum + parameters, 0);
      expect(used).toBe(first.adapterParameters);
      expect(used).toBeLessThanOrEqual(40_000);
      expect(used).toBeGreaterThan(39_000);
      expect(new Set(first.modules.map(({ rank }) => rank)).size).toBeGreaterThan(1);
      expect((await ranked(data, args)).modules).toEqual(first.modules);
      const other = await ranked(data, [...args, '--seed', '7']);
      expect(other.modules).not.toEqual(first.modules);
    }));

  it('keeps a budget of memory or of reduction', () =>
    withFolder(async (folder) => {
      const data = await writeText(folder);
      const ofReduction = await ranked(data, ['--budget-reduction', '97', '--updates', '12']);
      expect(ofReduction).toMatchObject({ by: 'adaptive', reductionPercent: expect.closeTo(97, 0) });
      expect(ofReduction.reductionPercent).toBeGreaterThanOrEqual(97);

      const options = ['--batch', '2', '--sequence', '32', '--backend', 'wasm'];
      const plan = ['plan', '--model', 'tiny', '--targets', 'all-linear', ...options, '--json'];
      const memoryAt = async (patterns: string[]) => {
        const { events } = await lowrank([...plan, ...patterns]);
        return (events[0]!['memory'] as { total: number }).total;
      };
      const kilobytes = Math.ceil((await memoryAt(['--rank', '3'])) / 1000);
      const ofMemory = await ranked(data, ['--budget-memory', `${kilobytes}KB`, '--updates', '12']);
      const ranks = ofMemory.modules.map(({ path, rank }) => `${path}=${rank}`).join();
      const targets = ofMemory.modules.map(({ path }) => path).join();
      expect(await memoryAt(['--targets', targets, '--rank-pattern', ranks])).toBeLessThanOrEqual(1000 * kilobytes);
      expect(ofMemory.adapterParameters).toBeGreaterThan(0.8 * 3 * 18_688);
    }));

  it('trains nothing where the budget pays for every rank there is', () =>
    withFolder(async (folder) => {
      const { by, updates } = await ranked(await writeText(folder), ['--budget-parameters', '50000000']);
      expect({ by, updates }).toEqual({ by: 'adaptive', updates: 0 });
    }));

  it('says which of its options does not fit', () =>
    withFolder(async (folder) => {
      const data = await writeText(folder);
      const run = ['rank', ...quick, '--data', data, '--budget-parameters', '9000'];
      const short = await lowrank([...run, '--updates', '4']);
      expect([short.code, short.stderr]).toEqual([2, expect.stringMatching(/--updates.*'4'.*8 or more/s)]);
      const without = await lowrank(['rank', ...quick, '--budget-parameters', '9000', '--by', 'adaptive']);
      expect([without.code, without.stderr]).toEqual([2, expect.stringMatching(/add --data/)]);
    }));
});
