import { matchTargets, patternValue, type ModuleInfo } from '@lowrank/core';
import { describe, expect, it } from '@lowrank/testing';

const modules: ModuleInfo[] = [
  { path: 'model.embed_tokens', kind: 'embedding', parameters: 40, bytes: 160 },
  ...[0, 1, 11].flatMap((layer) => [
    linear(`model.layers.${layer}.self_attn.q_proj`),
    linear(`model.layers.${layer}.self_attn.v_proj`),
  ]),
  { ...linear('lm_head'), head: true },
];

function linear(path: string): ModuleInfo {
  return { path, kind: 'linear', in: 4, out: 6, parameters: 24, bytes: 96 };
}

const match = (targetModules: string | string[], excludeModules?: string | string[]) =>
  matchTargets({ targetModules, excludeModules }, modules).modules.map(({ path }) => path);

describe("targets follow PEFT's rules", () => {
  const layers = (suffix: string) => [0, 1, 11].map((layer) => `model.layers.${layer}.self_attn.${suffix}`);
  it.each([
    [['q_proj'], layers('q_proj')],
    [['self_attn.v_proj'], layers('v_proj')],
    [['proj'], []],
    [['model.layers.1.self_attn.q_proj'], ['model.layers.1.self_attn.q_proj']],
    [['1.self_attn.q_proj'], ['model.layers.1.self_attn.q_proj']],
    ['.*\\.1\\..*q_proj', ['model.layers.1.self_attn.q_proj']],
    ['q_proj', []],
    ['.*q_pro', []],
    ['lm_head|.*\\.0\\..*v_proj', ['model.layers.0.self_attn.v_proj', 'lm_head']],
    ['All-Linear', modules.slice(1, -1).map(({ path }) => path)],
  ])('%j', (targets, paths) => {
    expect(match(targets)).toEqual(paths);
  });

  it('takes away what excludeModules names, as a list or an expression', () => {
    expect(match('all-linear', ['v_proj'])).toEqual(layers('q_proj'));
    expect(match(['q_proj'], '.*layers\\.(1|11)\\..*')).toEqual(['model.layers.0.self_attn.q_proj']);
  });

  it('takes a list only in the layers that are chosen, but a whole path wherever it is', () => {
    const chosen = (targetModules: string[]) =>
      matchTargets({ targetModules, layersToTransform: [0, 11] }, modules).modules.map(({ path }) => path);
    expect(chosen(['q_proj'])).toEqual([layers('q_proj')[0], layers('q_proj')[2]]);
    expect(chosen(['v_proj', layers('v_proj')[1]!])).toEqual(layers('v_proj'));
  });

  it('leaves out what is saved whole', () => {
    const choice = { targetModules: '.*', modulesToSave: ['lm_head', 'layers.0', 'v_proj'] };
    expect(matchTargets(choice, modules).modules.map(({ path }) => path)).toEqual([
      'model.embed_tokens',
      ...layers('q_proj').slice(1),
    ]);
  });

  it('tells which entries name nothing, though others do', () => {
    expect(matchTargets({ targetModules: ['q_proj', 'query'], excludeModules: undefined }, modules).unmatched).toEqual([
      'query',
    ]);
  });
});

describe('patterns', () => {
  it.each([
    [{ q_proj: 2, 'layers.1.self_attn.q_proj': 8 }, 'model.layers.1.self_attn.q_proj', 2],
    [{ 'layers.1.self_attn.q_proj': 8, q_proj: 2 }, 'model.layers.1.self_attn.q_proj', 8],
    [{ 'layers.1.self_attn.q_proj': 8 }, 'model.layers.11.self_attn.q_proj', undefined],
    [{ proj: 8 }, 'model.layers.1.self_attn.q_proj', undefined],
    [{ '^layers.1.self_attn.q_proj': 8 }, 'model.layers.1.self_attn.q_proj', undefined],
    [{ '^model\\.layers\\.(0|1)\\..*': 3 }, 'model.layers.1.self_attn.q_proj', 3],
  ] as [Record<string, number>, string, number | undefined][])('%j give %s the value %j', (pattern, path, value) => {
    expect(patternValue(pattern, path)).toBe(value);
  });

  it('refuse a key that is no expression', () => {
    expect(() => patternValue({ 'q_proj(': 2 }, 'q_proj')).toThrow('no regular expression');
  });
});
