import { describe, expect, it, withFolder } from '@lowrank/testing';
import { join } from 'node:path';
import { golden } from './golden.js';
import { lowrank } from './lowrank.js';

const [poet, stable] = [golden('peft-adapter'), golden('peft-adapter-rslora')];

/** What `compare --json` says of all modules together. */
async function total(first: string, second: string): Promise<{ norms: number[]; difference: number; cosine: number }> {
  const { events } = await lowrank(['compare', first, second, '--json']);
  expect(events).toHaveLength(1);
  return events[0]!['total'];
}

describe('lowrank combine', () => {
  it('writes the weighted sum, which comes apart again', () =>
    withFolder(async (folder) => {
      const [both, back] = [join(folder, 'both'), join(folder, 'back')];
      const made = await lowrank(['combine', poet, stable, '--weights', '-0.5,1', '--out', both, '--json']);
      expect(made.events).toMatchObject([
        { type: 'result', out: both, kind: 'cat', weights: [-0.5, 1], modules: 6, config: { useRslora: false } },
      ]);
      expect(made.events[0]!['ranks'].toSorted()).toEqual([12, 6, 6, 8, 8, 8].toSorted());
      expect(made.events[0]!['distance']).toBeLessThan(1e-14);
      // both + 0.5 poet - stable is nothing but the rounding of its factors.
      await lowrank(['combine', both, poet, '--weights', '1,0.5', '--out', back]);
      const { norms, difference, cosine } = await total(back, stable);
      expect(difference / norms[1]!).toBeLessThan(1e-6);
      expect(cosine).toBeCloseTo(1, 10);
    }));

  it('takes the options of each kind, and says how far from the sum its result is', () =>
    withFolder(async (folder) => {
      const one = ['combine', poet, poet, '--weights', '0.5,0.5'];
      for (const [kind, ...options] of [
        ['svd', '--rank', '2'],
        ['ties', '--density', '0.5', '--majority-sign', 'frequency'],
        ['dare_linear', '--density', '0.5', '--seed', '3'],
      ] as const) {
        const args = [...one, '--kind', kind, ...options, '--out', join(folder, kind), '--json'];
        const { code, events } = await lowrank(args);
        expect([code, events[0]!['kind']]).toEqual([0, kind]);
        expect(events[0]!['distance']).toBeGreaterThan(0.01);
        expect(events[0]!['config'].rank).toBe(kind === 'svd' ? 2 : 4);
      }
      const { stdout } = await lowrank([...one, '--out', join(folder, 'cat')]);
      expect(stdout).toMatch(/2 adapters combined by cat: 6 modules of rank 8, written to .*\ndistance from .*e-1\d\n/);
    }));

  it('refuses options that do not fit, by name and with the way out, and writes nothing', () =>
    withFolder(async (folder) => {
      const wrong: [string[], string][] = [
        [['--weights', '1'], '--weights 1 for 2 adapters'],
        [['--weights', '1,x'], 'Give numbers with commas'],
        [['--kind', 'ties'], 'kind "ties" without a density'],
        [['--kind', 'tie'], "'tie' is invalid"],
        [['--density', '0.5'], 'density with kind "cat"'],
        [['--saved-from', '3'], '--saved-from 3'],
      ];
      for (const [options, message] of wrong) {
        const { code, stderr } = await lowrank(['combine', poet, stable, ...options, '--out', join(folder, 'out')]);
        expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
      }
      const dora = golden('peft-kinds/llama-untied/dora');
      const { code, events } = await lowrank(['combine', poet, dora, '--out', join(folder, 'out'), '--json']);
      expect(code).toBe(1);
      expect(events[0]).toMatchObject({
        code: 'config-unsupported',
        given: `useDora of ${dora}`,
        fix: expect.stringContaining('extract'),
      });
      const again = await lowrank(['rerank', poet, '--rank', '2', '--out', join(folder, 'out')]);
      expect(again.code, 'nothing was in the folder').toBe(0);
    }));
});

describe('lowrank rerank', () => {
  it('cuts to a rank or an energy, and says what each module loses', () =>
    withFolder(async (folder) => {
      const [two, most] = [join(folder, 'two'), join(folder, 'most')];
      const { events } = await lowrank(['rerank', poet, '--rank', '2', '--out', two, '--json']);
      const { modules } = events[0] as { modules: { from: number; rank: number; error: number }[] };
      expect(modules.map(({ from, rank }) => [from, rank])).toEqual(modules.map(() => [4, 2]));
      const lost = await total(two, poet);
      expect(lost.difference / lost.norms[1]!).toBeGreaterThan(Math.min(...modules.map(({ error }) => error)));
      expect(lost.difference / lost.norms[1]!).toBeLessThan(Math.max(...modules.map(({ error }) => error)));
      const { stdout } = await lowrank(['rerank', poet, '--energy', '0.9', '--out', most]);
      expect(stdout).toMatch(/module +from rank +to rank +relative error\n/);
      const kept = await total(most, poet);
      expect((kept.difference / kept.norms[1]!) ** 2).toBeLessThan(0.1);
    }));

  it('refuses neither and both of rank and energy, and what is already there', () =>
    withFolder(async (folder) => {
      const run = (...options: string[]) => lowrank(['rerank', poet, '--out', join(folder, 'out'), ...options]);
      expect(await run()).toMatchObject({ code: 2, stderr: expect.stringContaining('neither --rank nor --energy') });
      expect(await run('--rank', '2', '--energy', '0.9')).toMatchObject({ code: 2 });
      expect((await run('--rank', '2')).code).toBe(0);
      expect(await run('--rank', '2')).toMatchObject({ code: 2, stderr: expect.stringContaining('--overwrite') });
      expect((await run('--rank', '2', '--overwrite')).code).toBe(0);
    }));
});

describe('lowrank extract', () => {
  it('finds the adapter that a model was merged with', () =>
    withFolder(async (folder) => {
      const [merged, out, adapter] = [join(folder, 'merged'), join(folder, 'out'), golden('lowrank-adapter')];
      await lowrank(['merge', '--model', 'tiny', '--adapter', adapter, '--out', merged, '--backend', 'wasm']);
      const from = ['extract', '--base', 'tiny', '--tuned', merged];
      const { code, events } = await lowrank([...from, '--rank', '8', '--out', out, '--json']);
      expect(code).toBe(0);
      const result = events.at(-1)!;
      expect(events.slice(0, -1).map(({ type }) => type)).toEqual(Array.from({ length: 28 }, () => 'module'));
      expect(result).toMatchObject({ type: 'result', leftOut: [], config: { rank: 8, taskType: 'CAUSAL_LM' } });
      for (const { error } of result['modules']) expect(error).toBeLessThan(1e-6);
      const { norms, difference } = await total(out, adapter);
      expect(difference / norms[1]!).toBeLessThan(1e-6);

      const part = await lowrank([...from, '--energy', '0.5', '--targets', 'q_proj', '--out', join(folder, 'part')]);
      expect(part.stdout).toMatch(/warning: 24 tensors of the tuned model differ and are not in the adapter/);
      expect(part.stdout).toContain('adapter of 4 modules written');
    }));

  it('refuses models that are the same, and targets that are not there', () =>
    withFolder(async (folder) => {
      const run = (...options: string[]) =>
        lowrank(['extract', '--base', 'tiny', '--tuned', 'tiny', '--out', join(folder, 'out'), ...options]);
      const same = await run('--rank', '2');
      expect([same.code, same.stderr]).toEqual([2, expect.stringContaining('the same in every target')]);
      const typo = await run('--rank', '2', '--targets', 'q_prj');
      expect([typo.code, typo.stderr]).toEqual([2, expect.stringContaining('nearest here: q_proj')]);
      expect(await run()).toMatchObject({ code: 2, stderr: expect.stringContaining('neither --rank nor --energy') });
    }));
});

describe('lowrank compare', () => {
  it('prints a row for each module and one for all', async () => {
    const { code, stdout } = await lowrank(['compare', poet, stable]);
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(1 + 6 + 1);
    expect(lines[0]).toMatch(/^module +rank 1st +2nd +\|1st\| +\|2nd\| +\|1st-2nd\| +cosine/);
    expect(lines.at(-1)).toMatch(/^all /);
  });

  it('names what is saved besides, and refuses adapters of two bases', async () => {
    const { stdout } = await lowrank(['compare', golden('peft-kinds/llama-untied/whole'), poet]);
    expect(stdout).toMatch(/besides updates[\s\S]*lm_head\.weight +[\d.]+ +- +-/);
    const other = await lowrank(['compare', golden('lowrank-adapter'), poet, '--json']);
    expect(other.code).toBe(1);
    expect(other.events[0]).toMatchObject({ code: 'shape-mismatch', given: expect.stringContaining(poet) });
  });
});
