import { LowrankError, planAdapter, type LoraConfigInput, type ModuleInfo } from '@lowrank/core';
import { describe, expect, it } from '@lowrank/testing';

const modules: ModuleInfo[] = [
  { path: 'embed', kind: 'embedding', parameters: 40, bytes: 160 },
  { path: 'layers.0.query', kind: 'linear', in: 4, out: 6, parameters: 24, bytes: 96 },
  { path: 'layers.0.value', kind: 'linear', in: 4, out: 3, bias: true, parameters: 15, bytes: 60 },
  { path: 'norm', kind: 'layer-norm', bias: true, parameters: 8, bytes: 32 },
  { path: 'pool', kind: 'pooling', parameters: 0, bytes: 0 },
  { path: 'head', kind: 'linear', in: 4, out: 10, head: true, parameters: 40, bytes: 160 },
];

describe('planAdapter', () => {
  it('says what each adapted module gets and what the whole base is', () => {
    const plan = planAdapter({ rank: 2, alpha: 6, targetModules: ['query', 'value'] }, modules);
    expect(plan.modules).toEqual([
      {
        path: 'layers.0.query',
        kind: 'linear',
        in: 4,
        out: 6,
        rank: 2,
        alpha: 6,
        scaling: 3,
        parameters: 20,
        baseParameters: 24,
      },
      {
        path: 'layers.0.value',
        kind: 'linear',
        in: 4,
        out: 3,
        rank: 2,
        alpha: 6,
        scaling: 3,
        parameters: 14,
        baseParameters: 12,
      },
    ]);
    expect(plan.base).toEqual({ parameters: 127, bytes: 508 });
    expect(plan.extras).toEqual([]);
    expect(plan.warnings).toEqual([]);
  });

  it('leaves the head out of all-linear', () => {
    const plan = planAdapter({ targetModules: 'all-linear' }, modules);
    expect(plan.modules.map(({ path }) => path)).toEqual(['layers.0.query', 'layers.0.value']);
    expect(plan.config.targetModules).toEqual(['query', 'value']);
  });

  it('names whole paths where their last parts would name the head too', () => {
    const named = [
      ...modules,
      { path: 'other.query', kind: 'linear', in: 4, out: 2, head: true, parameters: 8, bytes: 32 },
    ];
    const plan = planAdapter({ targetModules: 'all-linear' }, named);
    expect(plan.config.targetModules).toEqual(['layers.0.query', 'layers.0.value']);
  });

  it('scales by the rank and alpha of the patterns, and by the root of the rank under rsLoRA', () => {
    const config = {
      rank: 2,
      alpha: 6,
      targetModules: 'all-linear',
      rankPattern: { query: 4 },
      alphaPattern: { value: 8 },
    };
    const scalings = (useRslora: boolean) =>
      planAdapter({ ...config, useRslora }, modules).modules.map(({ scaling }) => scaling);
    expect(scalings(false)).toEqual([6 / 4, 8 / 2]);
    expect(scalings(true)).toEqual([6 / Math.sqrt(4), 8 / Math.sqrt(2)]);
  });

  it('warns of a rank above what a module can use, and of a pattern that matches nothing', () => {
    const { warnings } = planAdapter({ rank: 4, targetModules: 'all-linear', rankPattern: { key: 2 } }, modules);
    expect(warnings).toEqual([
      'rank 4 of "layers.0.value" is above min(in, out) = 3: more than its update can use',
      '"key" in rankPattern matches no adapted module',
    ]);
  });

  const refusals: [string, LoraConfigInput, string, RegExp][] = [
    [
      'a typo, with the nearest name first',
      { targetModules: ['query', 'valeu'] },
      'target-not-found',
      /"valeu".*nearest here: value/,
    ],
    ['an expression that matches nothing', { targetModules: '.*key' }, 'target-not-found', /nearest here/],
    [
      'targets that are all excluded',
      { targetModules: ['query'], excludeModules: ['query'] },
      'target-not-found',
      /without \["query"\]/,
    ],
    [
      'modules to save of which none is there, with the nearest name first',
      { targetModules: ['query'], modulesToSave: ['haed'] },
      'target-not-found',
      /"haed" in modulesToSave.*nearest here: head/,
    ],
    [
      'to save a module that cannot be trained',
      { targetModules: ['query'], modulesToSave: ['pool'] },
      'config-unsupported',
      /"pool".*"pooling".*linear, conv1d, conv2d, embedding, norm, layer-norm/,
    ],
    [
      'layers of which none has a target',
      { targetModules: ['query'], layersToTransform: [7] },
      'target-not-found',
      /\["query"\] in layers 7/,
    ],
    ['a module that takes no adapter', { targetModules: ['norm'] }, 'config-unsupported', /"norm".*"layer-norm"/],
    ['an expression that is none', { targetModules: '(' }, 'config-invalid', /no regular expression/],
  ];
  for (const [name, config, code, message] of refusals) {
    it(`refuses ${name}`, () => {
      expect(() => planAdapter(config, modules)).toThrow(message);
      expect(() => planAdapter(config, modules)).toThrow(expect.objectContaining({ code }));
    });
  }

  it('gives an error that a second copy of the package knows too', () => {
    try {
      planAdapter({ targetModules: ['queyr'] }, modules);
      expect.unreachable();
    } catch (error) {
      expect(LowrankError.is(error, 'target-not-found')).toBe(true);
      expect(LowrankError.is(error, 'config-invalid')).toBe(false);
      expect(LowrankError.is(new Error('other'))).toBe(false);
    }
  });
});
