import { planAdapter, type PlannedModule } from '@lowrank/core';
import { perRank, planCost } from '@lowrank/efficiency';
import {
  energyRanks,
  evenRanks,
  layerRanks,
  withRanks,
  type Budget,
  type Ranks,
  type RankStrategy,
} from '@lowrank/rank';
import { describe, expect, it } from '@lowrank/testing';
import { allowed, budgetsOf, everyChoice, isWithin, partsOf, units } from '../test/budgets.js';
import { randomPlan, type RandomPlan } from '../test/random-plan.js';

interface Case {
  least: 0 | 1;
  strategy: (budget: Budget) => RankStrategy;
  /** What the strategy makes the most of. */
  gain: (drawn: RandomPlan, ranks: Ranks) => number;
}

const energy = (counts: 'energy' | 'share', least: 0 | 1): Case => ({
  least,
  strategy: (budget) => energyRanks(budget, { counts, least }),
  gain: ({ evidence }, ranks) =>
    [...ranks].reduce((sum, [path, rank]) => {
      const { values, energy: all } = evidence.get(path)!;
      const within = values.slice(0, rank).reduce((total, value) => total + value ** 2, 0);
      return sum + (counts === 'energy' ? within : within / (all || 1));
    }, 0),
});

const cases: [string, Case][] = [
  ['even', { least: 1, strategy: evenRanks, gain: evenness }],
  ['energy', energy('energy', 1)],
  ['energy by share', energy('share', 1)],
  ['energy with modules left out', energy('energy', 0)],
  ['energy by share with modules left out', energy('share', 0)],
];

const settings = cases.flatMap(([name, each]) => units.map((unit, at) => ({ name, unit, at, ...each })));

describe.each(settings)('$name ranks within $unit, of random plans,', ({ name, unit, at, least, strategy, gain }) => {
  const draws = (count: number, options: { modules: number; side: number }) =>
    Array.from({ length: count }, (_, draw) => randomPlan(1 + at + units.length * draw, options));

  it('are never over the budget, are ranks that modules can have, and cost the sum of their parts', () => {
    for (const drawn of draws(60, { modules: 8, side: 24 })) {
      const { seed, plan, evidence } = drawn;
      for (const budget of budgetsOf(drawn, unit, 5)) {
        const ranks = strategy(budget).ranks(plan, evidence);
        expect(isWithin(drawn, budget, ranks), `seed ${seed}`).toBe(true);
        for (const module of plan.modules) {
          expect(allowed(module, least), `seed ${seed}`).toContain(ranks.get(module.path));
        }
        const sized = withRanks(plan, ranks);
        const { adapterParameters, modules } = planCost(sized);
        expect(adapterParameters, `seed ${seed}`).toBe(partsOf(drawn, ranks));
        const extras = sized.extras.reduce((sum, { parameters }) => sum + parameters, 0);
        const parts = modules.reduce((sum, module) => sum + module.adapterParameters, extras);
        expect(adapterParameters, `seed ${seed}`).toBe(parts);
        expect(planAdapter(sized.config, drawn.outline.modules).modules, `seed ${seed}`).toEqual(sized.modules);
      }
    }
  });

  it('bring no less for more, exactly', () => {
    for (const drawn of draws(60, { modules: 8, side: 24 })) {
      let before: Ranks | undefined;
      for (const budget of budgetsOf(drawn, unit, 9)) {
        const ranks = strategy(budget).ranks(drawn.plan, drawn.evidence);
        if (before) expect(gain(drawn, ranks), `seed ${drawn.seed}`).toBeGreaterThanOrEqual(gain(drawn, before));
        for (const [path, rank] of name === 'even' ? (before ?? []) : []) {
          expect(ranks.get(path), `seed ${drawn.seed}`).toBeGreaterThanOrEqual(rank);
        }
        before = ranks;
      }
    }
  });

  it('bring as much as the best of all choices', () => {
    for (const drawn of draws(60, { modules: 3, side: 6 })) {
      const choices = everyChoice(drawn, least);
      // What a module that is left out would keep of activations, or train beside its factors, is counted still: then
      // the best may lie out of reach, but never that of the choices which leave none out.
      const exact = least === 1 || (unit !== 'memory' && !drawn.plan.config.useDora);
      const bestOf = (some: Ranks[]) => Math.max(...some.map((ranks) => gain(drawn, ranks)));
      for (const budget of budgetsOf(drawn, unit, 4)) {
        const within = choices.filter((ranks) => isWithin(drawn, budget, ranks));
        const best = bestOf(within);
        const found = gain(drawn, strategy(budget).ranks(drawn.plan, drawn.evidence));
        const sure = exact ? best : bestOf(within.filter((ranks) => [...ranks.values()].every((rank) => rank > 0)));
        expect(found >= sure && found <= best, `seed ${drawn.seed}: ${sure} to ${best}, not ${found}`).toBe(true);
      }
    }
  });

  it('are the same again and by other names; modules alike are a step apart at most, the first ahead', () => {
    for (const drawn of draws(60, { modules: 8, side: 24 })) {
      const { seed, plan, evidence, kinds } = drawn;
      const renamed = renamedOf(drawn);
      const budgets = budgetsOf(drawn, unit, 4);
      const others = budgetsOf(renamed, unit, 4);
      budgets.forEach((budget, index) => {
        const ranks = [...strategy(budget).ranks(plan, evidence).values()];
        expect([...strategy(budget).ranks(plan, evidence).values()], `seed ${seed}`).toEqual(ranks);
        const other = strategy(others[index]!).ranks(renamed.plan, renamed.evidence);
        expect([...other.values()], `seed ${seed}`).toEqual(ranks);
        // Of memory none are alike: the earlier a module, the longer there is what it keeps.
        for (const kind of unit === 'memory' ? [] : new Set(kinds)) {
          const alike = ranks.filter((_, place) => kinds[place] === kind);
          const step = plan.modules[kinds.indexOf(kind)]!.groups ?? 1;
          expect(alike, `seed ${seed}`).toEqual(alike.toSorted((left, right) => right - left));
          expect(alike[0]! - alike.at(-1)!, `seed ${seed}`).toBeLessThanOrEqual(step);
        }
      });
    }
  });
});

describe('layer ranks of random plans', () => {
  it('are the largest that each module saves the share with, and never grow with it', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const { plan, evidence } = randomPlan(seed, { modules: 8, side: 24 });
      const saved = (module: PlannedModule, rank: number) =>
        100 * (1 - (rank * perRank(module)) / module.baseParameters);
      const least = Math.min(...plan.modules.map((module) => saved(module, module.groups ?? 1)));
      const shares = Array.from({ length: 9 }, (_, at) => least * ((at + 1) / 9)).filter((share) => share > 0);
      let before: Ranks | undefined;
      for (const reductionPercent of shares) {
        const ranks = layerRanks({ reductionPercent }).ranks(plan, evidence);
        for (const module of plan.modules) {
          const best = allowed(module, 1).findLast((rank) => saved(module, rank) >= reductionPercent);
          expect(ranks.get(module.path), `seed ${seed}`).toBe(best);
          expect(best, `seed ${seed}`).toBeLessThanOrEqual(before?.get(module.path) ?? Infinity);
        }
        before = ranks;
      }
    }
  });
});

/** How far all modules are together, and then how many of them in a row, the cheapest first, are a step further. */
function evenness({ plan }: RandomPlan, ranks: Ranks): number {
  const side = Math.max(...plan.modules.flatMap((module) => allowed(module, 1)));
  const at = (module: (typeof plan.modules)[number], level: number) => {
    return Math.max(...allowed(module, 1).filter((rank, index) => index === 0 || rank <= level));
  };
  const all = (level: number) => plan.modules.every((module) => ranks.get(module.path)! >= at(module, level));
  const level = Array.from({ length: side }, (_, index) => index + 1).findLast(all)!;
  const cost = (module: (typeof plan.modules)[number]) => (module.groups ?? 1) * perRank(module);
  const growing = plan.modules
    .filter((module) => at(module, level + 1) > at(module, level))
    .toSorted((left, right) => cost(left) - cost(right));
  const behind = growing.findIndex((module) => ranks.get(module.path)! < at(module, level + 1));
  return 100 * level + (behind === -1 ? growing.length : behind);
}

/** The same with the names of modules turned round. */
function renamedOf(drawn: RandomPlan): RandomPlan {
  const { plan, evidence, outline } = drawn;
  const names = new Map(plan.modules.map(({ path }, at) => [path, `other.${plan.modules.length - at}.n`]));
  const named = <Of extends { path?: string }>(of: Of): Of => ({ ...of, path: names.get(of.path ?? '') ?? of.path });
  const modules = outline.modules.map(named);
  const blocks = outline.pass.blocks.map((block) => block.map(named));
  return {
    ...drawn,
    plan: planAdapter({ ...plan.config, targetModules: [...names.values()] }, modules),
    evidence: new Map([...evidence].toReversed().map(([path, spectrum]) => [names.get(path)!, spectrum])),
    outline: { ...outline, modules, pass: { ...outline.pass, blocks } },
  };
}
