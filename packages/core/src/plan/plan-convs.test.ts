import { planAdapter, type ModuleInfo } from '@lowrank/core';
import { describe, expect, it } from '@lowrank/testing';

const modules: ModuleInfo[] = [
  { path: 'stem', kind: 'conv2d', in: 3, out: 8, kernel: [3, 3], bias: true, parameters: 224, bytes: 896 },
  { path: 'grouped', kind: 'conv2d', in: 8, out: 8, kernel: [3, 3], groups: 4, parameters: 144, bytes: 576 },
  { path: 'depth', kind: 'depthwise-conv2d', parameters: 72, bytes: 288 },
  { path: 'line', kind: 'conv1d', in: 8, out: 6, kernel: [5], parameters: 240, bytes: 960 },
  { path: 'head', kind: 'linear', in: 6, out: 2, head: true, parameters: 12, bytes: 48 },
];

describe('planAdapter on convolutions', () => {
  it('counts A over the whole kernel and B over one place, in groups', () => {
    const plan = planAdapter({ rank: 4, targetModules: ['stem', 'grouped', 'line'] }, modules);
    expect(plan.modules.map(({ parameters, baseParameters }) => [parameters, baseParameters])).toEqual([
      [4 * (9 * 3 + 8), 9 * 3 * 8],
      [4 * 9 * 8 + 1 * 8, 9 * 2 * 8],
      [4 * (5 * 8 + 6), 5 * 8 * 6],
    ]);
    expect(plan.modules.map(({ kind, kernel, groups }) => [kind, kernel, groups])).toEqual([
      ['conv2d', [3, 3], undefined],
      ['conv2d', [3, 3], 4],
      ['conv1d', [5], undefined],
    ]);
  });

  it('takes them into all-linear, by name, without the head or what cannot be adapted', () => {
    const plan = planAdapter({ rank: 4, targetModules: 'all-linear' }, modules);
    expect(plan.config.targetModules).toEqual(['stem', 'grouped', 'line']);
  });

  it('refuses a rank that the groups do not divide, and a depthwise one by its kind', () => {
    const refused = (targets: string[], code: string, message: RegExp) =>
      expect(() => planAdapter({ rank: 6, targetModules: targets }, modules)).toThrow(
        expect.objectContaining({ code, message: expect.stringMatching(message) }),
      );
    refused(['grouped'], 'config-invalid', /rank 6 for "grouped", a convolution of 4 groups/);
    refused(['depth'], 'config-unsupported', /"depth".*kind "depthwise-conv2d"/);
    const plan = planAdapter({ rank: 6, targetModules: ['grouped'], rankPattern: { grouped: 8 } }, modules);
    expect(plan.modules[0]?.rank).toBe(8);
  });

  it('warns of a rank above what the kernel as a matrix can use', () => {
    const { warnings } = planAdapter({ rank: 16, targetModules: ['stem'] }, modules);
    expect(warnings).toEqual([expect.stringMatching(/rank 16 of "stem" is above min\(in, out\) = 8/)]);
  });
});
