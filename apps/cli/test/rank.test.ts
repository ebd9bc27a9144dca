import { effectiveRank, planAdapter } from '@lowrank/core';
import { readPeft } from '@lowrank/formats';
import { loadModel } from '@lowrank/models';
import { weightSpectra } from '@lowrank/rank';
import { describe, expect, it, withFolder } from '@lowrank/testing';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { golden } from './golden.js';
import { lowrank } from './lowrank.js';

const poet = golden('lowrank-adapter');
const tiny = join(dirname(createRequire(import.meta.url).resolve('@lowrank/tiny-base/package.json')), 'model');
const quick = ['--batch', '2', '--sequence', '32', '--steps', '2', '--backend', 'wasm'];

async function writeLines(folder: string): Promise<string> {
  const path = join(folder, 'data.jsonl');
  const lines = Array.from({ length: 40 }, (_, at) =>
    JSON.stringify({ text: `The whale number ${at} swam past the old ship.` }),
  );
  await writeFile(path, lines.join('\n'));
  return path;
}

interface Chosen {
  path: string;
  rank: number;
  parameters: number;
  spectrum: { within: number; stableRank: number; effectiveRank: number | null; values: number[] } | null;
}

describe('lowrank rank', () => {
  it('chooses within a budget by the gradients of the data, and writes options and plots of it', () =>
    withFolder(async (folder) => {
      const [data, out, plots] = [await writeLines(folder), join(folder, 'ranks.json'), join(folder, 'plots')];
      const by = ['--by', 'gradients'];
      const args = ['rank', '--budget-parameters', '200000', '--model', 'tiny', '--data', data, ...by, ...quick];
      const { code, events } = await lowrank([...args, '--out', out, '--plots', plots, '--json']);
      expect(code).toBe(0);
      const result = events.at(-1)!;
      const modules = result['modules'] as Chosen[];
      expect(result).toMatchObject({ type: 'result', by: 'gradients', out });
      expect(result['adapterParameters']).toBeLessThanOrEqual(200_000);
      expect(result['adapterParameters']).toBeGreaterThan(199_000);
      expect(modules.reduce((sum, { parameters }) => sum + parameters, 0)).toBe(result['adapterParameters']);
      expect(new Set(modules.map(({ rank }) => rank)).size).toBeGreaterThan(3);
      for (const { spectrum } of modules) expect(spectrum!.within).toBeGreaterThan(0);

      const options = JSON.parse(await readFile(out, 'utf8'));
      const pairs = (pattern: object) =>
        Object.entries(pattern)
          .map(([key, value]) => `${key}=${value}`)
          .join();
      const shape = ['--rank', String(options.rank), '--alpha', String(options.alpha), '--targets', options.targets];
      const patterns = ['--rank-pattern', pairs(options.rankPattern), '--alpha-pattern', pairs(options.alphaPattern)];
      const plan = await lowrank(['plan', '--model', 'tiny', ...shape, ...patterns, '--json']);
      const planned = plan.events[0]!['modules'] as { path: string; rank: number; scaling: number }[];
      expect(planned.map(({ rank }) => rank)).toEqual(modules.map(({ rank }) => rank));
      for (const { scaling } of planned) expect(scaling).toBeCloseTo(2, 12);

      for (const name of ['ranks-by-layer', 'singular-values', 'budget-curve']) {
        expect(await readFile(join(plots, `${name}.svg`), 'utf8')).toMatch(/^<svg[\s\S]*<\/svg>\s*$/);
      }
      const again = await lowrank([...args, '--out', out]);
      expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('--overwrite')]);
    }));

  it('writes options that train takes as its config: the adapter has those ranks at those scalings', () =>
    withFolder(async (folder) => {
      const [data, ranks, out] = [await writeLines(folder), join(folder, 'ranks.json'), join(folder, 'out')];
      const which = [
        '--targets',
        String.raw`/.*layers\.\d{1,2}\..*[q,v]_proj/`,
        '--exclude',
        'layers.0.self_attn.q_proj',
      ];
      const by = ['--by', 'gradients'];
      const args = [
        'rank',
        '--model',
        'tiny',
        '--budget-parameters',
        '9000',
        '--rslora',
        ...which,
        '--data',
        data,
        ...by,
      ];
      const chosen = await lowrank([...args, ...quick, '--out', ranks, '--json']);
      expect(chosen.code, chosen.stderr).toBe(0);
      const modules = chosen.events.at(-1)!['modules'] as { path: string; rank: number; scaling: number }[];
      expect(new Set(modules.map(({ rank }) => rank)).size).toBeGreaterThan(1);

      const trained = await lowrank(['train', '--config', ranks, '--data', data, '--out', out, ...quick]);
      expect(trained.code, trained.stderr).toBe(0);
      const { events } = await lowrank(['inspect', out, '--model', 'tiny', '--json']);
      const byPath = (list: typeof modules) =>
        Object.fromEntries(list.map(({ path, rank, scaling }) => [path, [rank, scaling.toPrecision(12)]]));
      expect(byPath(events[0]!['modules'] as typeof modules)).toEqual(byPath(modules));
      expect(events[1]).toMatchObject({ type: 'fit', fits: true });
    }));

  it.each(['weights', 'activations'])('chooses by %s', (by) =>
    withFolder(async (folder) => {
      const data = await writeLines(folder);
      const args = ['--targets', 'q_proj,v_proj', '--budget-reduction', '99.5', '--by', by, '--data', data, ...quick];
      const { code, events } = await lowrank(['rank', '--model', 'tiny', ...args, '--json']);
      expect(code).toBe(0);
      expect(events.at(-1)!['reductionPercent']).toBeGreaterThanOrEqual(99.5);
      for (const { rank, spectrum } of events.at(-1)!['modules'] as Chosen[]) {
        expect(rank).toBeLessThanOrEqual(spectrum!.values.length);
      }
    }),
  );

  it('says the stable and effective rank of weights, the latter of all values', async () => {
    const args = ['rank', '--model', 'tiny', '--targets', 'k_proj', '--budget-parameters', '9000', '--by', 'weights'];
    const { code, events } = await lowrank([...args, '--backend', 'wasm', '--json']);
    expect(code).toBe(0);
    using model = await loadModel(tiny);
    const plan = planAdapter({ targetModules: ['k_proj'] }, model.modules());
    const spectra = await weightSpectra(plan, model, { count: 'all' });
    for (const { path, spectrum } of events.at(-1)!['modules'] as Chosen[]) {
      const { values, energy } = spectra.get(path)!;
      expect(spectrum!.effectiveRank).toBeCloseTo(effectiveRank(values), 6);
      expect(spectrum!.stableRank).toBeCloseTo(energy / values[0]! ** 2, 6);
      expect(spectrum!.values.length).toBeLessThan(values.length);
    }
    const { stdout } = await lowrank([...args, '--backend', 'wasm']);
    expect(stdout).toMatch(/energy within +stable rank +effective rank +rank of 90 %/);
  });

  it('chooses evenly, layer by layer or within memory from a preset alone', async () => {
    const [even, layer, memory] = await Promise.all(
      [
        ['--budget-parameters', '1000000'],
        ['--budget-reduction', '95', '--by', 'layer'],
        ['--budget-memory', '900MB', '--batch', '1', '--sequence', '32'],
      ].map(async (args) => (await lowrank(['rank', '--model', 'bert-base', ...args, '--json'])).events.at(-1)!),
    );
    expect(even!['adapterParameters']).toBeGreaterThan(1_000_000 - 3840);
    expect([...new Set((layer!['modules'] as Chosen[]).map(({ rank }) => rank))]).toEqual([19, 30]);
    expect(memory!['trainingBytes']).toBeLessThan(900e6);
    const { stdout } = await lowrank(['rank', '--model', 'bert-base', '--budget-parameters', '1000000']);
    expect(stdout).toMatch(/chosen by +even: ranks \d+ to \d+ on 73 modules/);
  });

  it('says what ranks an adapter uses, and cuts it to them or to a budget with the loss before and after', () =>
    withFolder(async (folder) => {
      const [data, out] = [await writeLines(folder), join(folder, 'cut')];
      const used = await lowrank(['rank', '--adapter', poet, '--energy', '0.9', '--json']);
      const modules = used.events[0]!['modules'] as { rank: number; used: number; cut: number; error: number }[];
      for (const module of modules) {
        expect(module.cut).toBe(module.used);
        expect(1 - module.error ** 2).toBeGreaterThanOrEqual(0.9 - 1e-9);
      }
      const before = used.events[0]!['parameters'].before as number;
      const args = ['--adapter', poet, '--budget-parameters', String(Math.round(before / 2)), '--out', out];
      const { events } = await lowrank(['rank', ...args, '--model', 'tiny', '--data', data, ...quick, '--json']);
      const { parameters, losses } = events[0] as { parameters: { after: number }; losses: Record<string, number> };
      expect(parameters.after).toBeLessThanOrEqual(before / 2);
      const held = [...(await readPeft(out)).tensors.values()].reduce((sum, { data }) => sum + data.length, 0);
      expect(held).toBe(parameters.after);
      for (const [name, adapter] of [
        ['before', poet],
        ['after', out],
      ] as const) {
        const args = ['--adapter', adapter, '--model', 'tiny', '--data', data, '--batch', '2', '--sequence', '32'];
        const { events } = await lowrank(['eval', ...args, '--backend', 'wasm', '--json']);
        expect(losses[name]).toBeCloseTo(events[0]!['loss'], 6);
      }
    }));

  it.each([
    [['--model', 'gpt2'], /no budget/],
    [[], /neither --model nor --adapter/],
    [['--model', 'gpt2', '--budget-parameters', '0'], /above 0/],
    [['--model', 'gpt2', '--budget-parameters', '1000'], /give \d+ parameters, which is the nearest possible/],
    [['--model', 'gpt2', '--budget-parameters', '1e6', '--targets', 'q_proj'], /nearest here: c_proj/],
    [['--model', 'gpt2', '--budget-parameters', '1e6', '--budget-memory', '1GiB'], /cannot be used with/],
    [['--model', 'gpt2', '--budget-memory', '1MB'], /a step at the smallest ranks holds/],
    [['--model', 'gpt2', '--budget-parameters', '1e6', '--by', 'gradients'], /add --data/],
    [['--model', 'gpt2', '--budget-parameters', '1e6', '--by', 'layer'], /add --budget-reduction/],
    [['--model', 'gpt2', '--budget-parameters', '1e6', '--energy', '0.9'], /--energy without --adapter/],
    [['--adapter', poet, '--by', 'even'], /--by with --adapter/],
  ])('refuses %j', async (args, says) => {
    const { code, stderr } = await lowrank(['rank', ...args]);
    expect(stderr).toMatch(says);
    expect(code).toBe(2);
  });
});
