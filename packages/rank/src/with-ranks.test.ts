import { planAdapter, type AdapterPlan, type ModuleInfo } from '@lowrank/core';
import { withRanks } from '@lowrank/rank';
import { presetOutline } from '@lowrank/models';
import { describe, expect, it } from '@lowrank/testing';

const { modules } = presetOutline('bert-base');
const query = (layer: number) => `encoder.layer.${layer}.attention.self.query`;

/** The plan that its own config makes. */
function planned({ config }: AdapterPlan, of: ModuleInfo[] = modules): AdapterPlan {
  return planAdapter(config, of);
}

describe('withRanks', () => {
  it('makes a config of which planAdapter makes the same modules', () => {
    const plan = planAdapter({ rank: 8, alpha: 12, targetModules: ['query', 'dense'] }, modules);
    const ranks = new Map(plan.modules.map(({ path }, at) => [path, 1 + ((7 * at) % 13)]));
    const sized = withRanks(plan, ranks);
    expect(sized.modules.map(({ rank }) => rank)).toEqual([...ranks.values()]);
    expect(planned(sized).modules).toEqual(sized.modules);
    expect(planned(sized).extras).toEqual(sized.extras);
  });

  it('keeps the scaling of every module, under rsLoRA too', () => {
    for (const useRslora of [false, true]) {
      const alphaPattern = { [query(3)]: 5 };
      const plan = planAdapter({ rank: 8, alpha: 12, alphaPattern, useRslora, targetModules: ['query'] }, modules);
      const sized = withRanks(
        plan,
        new Map([
          [query(3), 2],
          [query(4), 32],
        ]),
      );
      sized.modules.forEach(({ scaling }, at) => expect(scaling).toBe(plan.modules[at]!.scaling));
      planned(sized).modules.forEach(({ scaling }, at) => expect(scaling).toBeCloseTo(plan.modules[at]!.scaling, 12));
    }
  });

  it('leaves a module of rank 0 out, with its bias where only those of adapted modules are trained', () => {
    const plan = planAdapter({ targetModules: ['query'], bias: 'lora_only', excludeModules: [query(11)] }, modules);
    const sized = withRanks(
      plan,
      new Map([
        [query(0), 0],
        [query(1), 4],
      ]),
    );
    expect(sized.modules.map(({ path }) => path)).toEqual(plan.modules.slice(1).map(({ path }) => path));
    expect(planned(sized).modules).toEqual(sized.modules);
    expect(planned(sized).extras).toEqual(sized.extras);
    expect(sized.extras).toHaveLength(plan.extras.length - 1);
  });

  it('counts what each module trains besides its factors', () => {
    const plan = planAdapter({ rank: 8, useDora: true, targetModules: ['query'] }, modules);
    const sized = withRanks(plan, new Map([[query(0), 3]]));
    expect(sized.modules[0]!.parameters).toBe(3 * (768 + 768) + 768);
    expect(planned(sized).modules).toEqual(sized.modules);
  });

  it('refuses ranks that cannot be and paths that are not adapted', () => {
    const plan = planAdapter({ targetModules: ['query'] }, modules);
    for (const rank of [-1, 1.5, NaN]) {
      expect(() => withRanks(plan, new Map([[query(0), rank]]))).toThrow(`rank ${rank} for "${query(0)}"`);
    }
    expect(() => withRanks(plan, new Map([['encoder.layer.0.attention.self.qurey', 4]]))).toThrow(
      `nearest here: ${query(0)}`,
    );
    expect(() => withRanks(plan, new Map(plan.modules.map(({ path }) => [path, 0])))).toThrow(
      'rank 0 for all 12 modules',
    );
  });
});
