import { planAdapter, type LoraConfigInput, type ModuleInfo } from '@lowrank/core';
import { planCost } from '@lowrank/efficiency';
import { describe, expect, it } from '@lowrank/testing';

const modules: ModuleInfo[] = [
  { path: 'embed', kind: 'embedding', parameters: 1000, bytes: 4000 },
  { path: 'query', kind: 'linear', in: 10, out: 20, parameters: 200, bytes: 800 },
  { path: 'value', kind: 'linear', in: 10, out: 5, parameters: 50, bytes: 200 },
];

describe('planCost', () => {
  it('counts each module and the whole, with what AdamW needs to train it', () => {
    const cost = planCost(planAdapter({ rank: 2, alpha: 4, targetModules: 'all-linear' }, modules));
    expect(cost).toMatchObject({
      baseParameters: 1250,
      adapterParameters: 90,
      reductionPercent: 100 * (1 - 90 / 1250),
      baseBytes: 5000,
      adapterBytes: 360,
      gradientBytes: 360,
      optimizerBytes: 720,
      trainingBytes: 5000 + 360 + 360 + 720,
    });
    expect(cost.modules).toEqual([
      {
        path: 'query',
        in: 10,
        out: 20,
        rank: 2,
        alpha: 4,
        scaling: 2,
        baseParameters: 200,
        adapterParameters: 60,
        reductionPercent: 70,
        compression: 200 / 60,
        adapterBytes: 240,
      },
      {
        path: 'value',
        in: 10,
        out: 5,
        rank: 2,
        alpha: 4,
        scaling: 2,
        baseParameters: 50,
        adapterParameters: 30,
        reductionPercent: 40,
        compression: 50 / 30,
        adapterBytes: 120,
      },
    ]);
  });

  it('counts what is trained besides factors: a bias on B, a head that is saved whole, biases', () => {
    const head: ModuleInfo = { path: 'head', kind: 'linear', in: 10, out: 3, bias: true, parameters: 33, bytes: 132 };
    const config = { rank: 2, targetModules: ['query', 'value'], loraBias: true, modulesToSave: ['head'], bias: 'all' };
    const biased = modules.map((module) => (module.path === 'query' ? { ...module, bias: true } : module));
    const cost = planCost(planAdapter(config as LoraConfigInput, [...biased, head]));
    expect(cost.adapterParameters).toBe(90 + 20 + 5 + 33 + 20);
    expect(cost.optimizerBytes).toBe(8 * cost.adapterParameters);
    expect(cost.modules.map(({ adapterParameters }) => adapterParameters)).toEqual([80, 35]);
  });

  it.each([
    ['768, 12 layers', 768, 12, 324, 10.125],
    ['1024, 24 layers', 1024, 24, 1152, 27],
    ['1280, 36 layers', 1280, 36, 2700, 50.625],
    ['1600, 48 layers', 1600, 48, 5625, 84.375],
  ])('gives the known MiB of six separate linears a block at rank 16: width %s', (_, width, layers, base, adapter) => {
    const linear = (path: string, from: number, out: number): ModuleInfo => {
      return { path, kind: 'linear', in: from, out, parameters: from * out, bytes: 4 * from * out };
    };
    const block = (layer: number) => [
      ...['q', 'k', 'v', 'o'].map((name) => linear(`${layer}.${name}`, width, width)),
      linear(`${layer}.up`, width, 4 * width),
      linear(`${layer}.down`, 4 * width, width),
    ];
    const infos = Array.from({ length: layers }, (__, layer) => block(layer)).flat();
    const cost = planCost(planAdapter({ rank: 16, targetModules: 'all-linear' }, infos));
    expect([cost.baseBytes / 2 ** 20, cost.adapterBytes / 2 ** 20]).toEqual([base, adapter]);
  });
});
