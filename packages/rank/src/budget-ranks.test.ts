import { LowrankError, planAdapter, randomFloats, type AdapterPlan, type ModuleInfo } from '@lowrank/core';
import { nodeMemory, planCost, stepMemory, wasmMemory } from '@lowrank/efficiency';
import {
  energyRanks,
  evenRanks,
  layerRanks,
  withRanks,
  type Budget,
  type Evidence,
  type RankStrategy,
} from '@lowrank/rank';
import { presetOutline } from '@lowrank/models';
import { describe, errorOf, expect, it } from '@lowrank/testing';

const outline = presetOutline('bert-base');
const plan = planAdapter(
  { rank: 8, alpha: 16, targetModules: 'all-linear', modulesToSave: ['pooler.dense'] },
  outline.modules,
);
const evidence: Evidence = new Map(
  plan.modules.map(({ path }, at) => {
    const values = Array.from(
      randomFloats(40, { distribution: 'normal', seed: at }),
      (value) => Math.abs(value) * (1 + (at % 7)),
    );
    values.sort((left, right) => right - left);
    return [path, { values, energy: 2 * values.reduce((sum, value) => sum + value ** 2, 0) }];
  }),
);
const costOf = (strategy: RankStrategy, of = plan) => planCost(withRanks(of, strategy.ranks(of, evidence)));
const takenUp = (strategy: RankStrategy) => {
  return [...strategy.ranks(plan, evidence)].reduce((sum, [path, rank]) => {
    return (
      sum +
      evidence
        .get(path)!
        .values.slice(0, rank)
        .reduce((total, value) => total + value ** 2, 0)
    );
  }, 0);
};

const strategies: [string, (budget: Budget) => RankStrategy][] = [
  ['even', evenRanks],
  ['energy', energyRanks],
  ['energy by share', (budget) => energyRanks(budget, { counts: 'share' })],
  ['energy with modules left out', (budget) => energyRanks(budget, { least: 0 })],
];

describe.each(strategies)('%s ranks', (_name, strategy) => {
  it('take no more than a budget, and all of it but less than a rank', () => {
    for (const parameters of [900_000, 1_000_000, 1_234_567, 2_000_000]) {
      const { adapterParameters } = costOf(strategy({ parameters }));
      expect(adapterParameters).toBeLessThanOrEqual(parameters);
      expect(adapterParameters).toBeGreaterThan(parameters - 3840);
    }
    const reduced = costOf(strategy({ reductionPercent: 99 }));
    expect(reduced.reductionPercent).toBeGreaterThanOrEqual(99);
    expect(reduced.reductionPercent).toBeLessThan(99.01);
    const { adapterBytes, gradientBytes, optimizerBytes } = costOf(strategy({ trainingBytes: 20e6 }));
    expect(adapterBytes + gradientBytes + optimizerBytes).toBeLessThanOrEqual(20e6);
    expect(adapterBytes + gradientBytes + optimizerBytes).toBeGreaterThan(20e6 - 16 * 3840);
  });

  it('cost the sum of their parts', () => {
    for (let parameters = 800_000; parameters < 2_000_000; parameters += 37_000) {
      const cost = costOf(strategy({ parameters }));
      const parts = cost.modules.reduce((sum, { adapterParameters }) => sum + adapterParameters, 0);
      expect(cost.adapterParameters).toBe(parts + 590_592);
    }
  });

  it('are the same again', () => {
    const ranks = () => [...strategy({ parameters: 1_000_000 }).ranks(plan, evidence)];
    expect(ranks()).toEqual(ranks());
  });

  it('refuse a budget that is none', () => {
    for (const value of [0, -5, NaN, Infinity]) {
      const budgets: Budget[] = [
        { parameters: value },
        { reductionPercent: value },
        { trainingBytes: value },
        { memory: value, outline, workload: { batch: 1, seq: 8 } },
      ];
      for (const budget of budgets) {
        expect(() => strategy(budget).ranks(plan, evidence)).toThrow(
          `${Object.keys(budget)[0]}: ${value}: a budget is`,
        );
      }
    }
    expect(() => strategy({ reductionPercent: 100 }).ranks(plan, evidence)).toThrow('the reduction is below 100 %');
  });
});

describe('a budget that cannot be', () => {
  it('names the nearest possible, which is', async () => {
    const least = 590_592 + 12 * (4 * 1536 + 2 * 3840);
    const error = await errorOf(() => evenRanks({ parameters: 600_000 }).ranks(plan, evidence));
    expect(LowrankError.is(error, 'config-invalid')).toBe(true);
    expect(error.message).toContain(`give ${least} parameters, which is the nearest possible`);
    expect(costOf(evenRanks({ parameters: least })).adapterParameters).toBe(least);
    const bytes = /give (\d+) bytes/.exec(
      ((await errorOf(() => evenRanks({ trainingBytes: 1e6 }).ranks(plan, evidence))) as Error).message,
    )!;
    expect(costOf(evenRanks({ trainingBytes: Number(bytes[1]) })).adapterParameters).toBe(least);
    const share = /a reduction of ([\d.]+) %/.exec(
      ((await errorOf(() => evenRanks({ reductionPercent: 99.9 }).ranks(plan, evidence))) as Error).message,
    )!;
    expect(costOf(evenRanks({ reductionPercent: Number(share[1]) })).adapterParameters).toBe(least);
  });

  it('pays with least 0 for fewer modules, but for one at least', () => {
    const strategy = energyRanks({ parameters: 600_000 }, { least: 0 });
    expect(withRanks(plan, strategy.ranks(plan, evidence)).modules.length).toBeLessThan(8);
    expect(() => energyRanks({ parameters: 591_000 }, { least: 0 }).ranks(plan, evidence)).toThrow(
      'the cheapest rank takes 1536',
    );
  });
});

describe('evenRanks', () => {
  it('gives all modules one rank, or one more where that fits, the cheapest first', () => {
    const ranks = [
      ...evenRanks({ parameters: 590_592 + 5 * 165_888 + 3 * 1536 + 100 })
        .ranks(plan, evidence)
        .values(),
    ];
    expect(ranks.filter((rank) => rank === 6)).toHaveLength(3);
    expect(ranks.filter((rank) => rank === 5)).toHaveLength(69);
    expect(ranks.slice(0, 3)).toEqual([6, 6, 6]);
  });

  it('gives no module more than its sides can use', () => {
    const modules: ModuleInfo[] = [
      info('narrow', 3, 50),
      info('wide', 40, 60),
      info('conv', 4, 20, { kind: 'conv2d', kernel: [3, 3], groups: 2 }),
    ];
    const small = planAdapter({ targetModules: ['narrow', 'wide', 'conv'] }, modules);
    expect([...evenRanks({ parameters: 1e9 }).ranks(small, evidence)]).toEqual([
      ['narrow', 3],
      ['wide', 40],
      ['conv', 20],
    ]);
    const ranks = evenRanks({ parameters: 600 }).ranks(small, evidence);
    expect(ranks.get('conv')! % 2).toBe(0);
    expect(planCost(withRanks(small, ranks)).adapterParameters).toBeLessThanOrEqual(600);
  });
});

describe('layerRanks', () => {
  it('gives each module the largest rank that saves the share of its own weight', () => {
    const ranks = layerRanks({ reductionPercent: 95 }).ranks(plan, evidence);
    const { modules } = withRanks(plan, ranks);
    for (const module of modules) {
      const saved = (rank: number) => 100 * (1 - (rank * (module.in + module.out)) / (module.in * module.out));
      expect(saved(module.rank)).toBeGreaterThanOrEqual(95);
      expect(saved(module.rank + 1)).toBeLessThan(95);
    }
    expect([...new Set(ranks.values())]).toEqual([19, 30]);
  });

  it('reproduces the table of 1024 x 1024 the other way round', () => {
    const square = planAdapter({ targetModules: ['q'] }, [info('q', 1024, 1024)]);
    for (const [rank, percent] of [
      [4, 99.21875],
      [8, 98.4375],
      [16, 96.875],
      [32, 93.75],
    ] as const) {
      expect(layerRanks({ reductionPercent: percent }).ranks(square, evidence).get('q')).toBe(rank);
      expect(
        layerRanks({ reductionPercent: percent + 1e-9 })
          .ranks(square, evidence)
          .get('q'),
      ).toBe(rank - 1);
    }
  });

  it('names the nearest possible share, which is', async () => {
    expect(() => layerRanks({ reductionPercent: 99.8 }).ranks(plan, evidence)).toThrow('give at most 99.739');
    const nearest = Number(
      /give at most ([\d.]+),/.exec(
        ((await errorOf(() => layerRanks({ reductionPercent: 99.8 }).ranks(plan, evidence))) as Error).message,
      )![1],
    );
    expect(layerRanks({ reductionPercent: nearest }).ranks(plan, evidence).size).toBe(72);
    expect(() => layerRanks({ reductionPercent: 0 }).ranks(plan, evidence)).toThrow('above 0 and below 100');
  });
});

describe('energyRanks', () => {
  it('takes up at least as much as even ranks, and no less for more', () => {
    let before = 0;
    for (let parameters = 800_000; parameters < 2_000_000; parameters += 97_000) {
      const energy = takenUp(energyRanks({ parameters }));
      expect(energy).toBeGreaterThanOrEqual(takenUp(evenRanks({ parameters })));
      expect(energy).toBeGreaterThanOrEqual(before * (1 - 1e-12));
      before = energy;
    }
  });

  it('weighs energies, or shares of each module', () => {
    const two = planAdapter({ targetModules: ['a', 'b'] }, [info('a', 8, 8), info('b', 8, 8)]);
    const spectra: Evidence = new Map([
      ['a', { values: [10, 9, 8], energy: 1000 }],
      ['b', { values: [2, 1, 0.5], energy: 5.25 }],
    ]);
    const ranks = (counts: 'energy' | 'share') => [
      ...energyRanks({ parameters: 4 * 16 }, { counts })
        .ranks(two, spectra)
        .values(),
    ];
    expect(ranks('energy')).toEqual([3, 1]);
    expect(ranks('share')).toEqual([2, 2]);
  });

  it('refuses evidence that is none', async () => {
    const one = planAdapter({ targetModules: ['a'] }, [info('a', 8, 8)]);
    const ranks = (values: number[], energy = 100) =>
      energyRanks({ parameters: 100 }).ranks(one, new Map([['a', { values, energy }]]));
    expect(await errorOf(() => ranks([NaN]))).toMatchObject({ code: 'not-finite' });
    expect(await errorOf(() => ranks([1], Infinity))).toMatchObject({ code: 'not-finite' });
    expect(() => ranks([1, 2])).toThrow('2 after 1 in the spectrum of "a"');
    expect(() => ranks([1, -1])).toThrow('-1 in the spectrum of "a"');
    expect(() => ranks([20])).toThrow('the squares of its values sum to 400');
    const missing = () => energyRanks({ parameters: 100 }).ranks(one, new Map([['b', { values: [1], energy: 1 }]]));
    expect(missing).toThrow('no spectrum of "a"');
  });
});

// As a backend is where it was not measured, and as `lowrank doctor` may find it.
describe.each([wasmMemory, { ...nodeMemory, runtime: 61_234_567, overhead: 0.113 }])(
  'a budget of memory, with $overhead beside each byte',
  (kernels) => {
    it('is for the largest ranks whose step fits into it', () => {
      const workload = { batch: 2, seq: 64, kernels };
      const needed = (of: AdapterPlan) => stepMemory(outline, of, workload).total;
      const memory = needed(withRanks(plan, evenRanks({ parameters: 1_500_000 }).ranks(plan, evidence)));
      const sized = withRanks(plan, evenRanks({ memory, outline, workload }).ranks(plan, evidence));
      expect(needed(sized)).toBe(memory);
      const less = withRanks(plan, evenRanks({ memory: memory - 1, outline, workload }).ranks(plan, evidence));
      expect(needed(less)).toBeLessThan(memory);
      expect(needed(less)).toBeGreaterThan(memory - (1 + kernels.overhead) * (20 * 3840 + 4 * 2 * 64));
    });

    it('says what the smallest ranks need where nothing fits', () => {
      const workload = { batch: 1, seq: 8, kernels };
      const tooLittle = evenRanks({ memory: 1e6, outline, workload });
      expect(() => tooLittle.ranks(plan, evidence)).toThrow(/a step at the smallest ranks holds \d+ bytes/);
      const memory = stepMemory(
        outline,
        withRanks(plan, new Map(plan.modules.map(({ path }) => [path, 1]))),
        workload,
      ).total;
      expect(() => tooLittle.ranks(plan, evidence)).toThrow(`holds ${memory} bytes`);
      expect(new Set(evenRanks({ memory, outline, workload }).ranks(plan, evidence).values())).toEqual(new Set([1]));
    });
  },
);

function info(path: string, from: number, out: number, more: Partial<ModuleInfo> = {}): ModuleInfo {
  return { path, kind: 'linear', in: from, out, parameters: from * out, bytes: 4 * from * out, ...more };
}
