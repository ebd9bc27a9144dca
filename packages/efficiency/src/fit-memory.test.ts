import { planAdapter } from '@lowrank/core';
import { fitMemory, memoryParts, nodeMemory, stepMemory, type MemorySample } from '@lowrank/efficiency';
import { presetOutline } from '@lowrank/models';
import { describe, expect, it } from '@lowrank/testing';

const MiB = 2 ** 20;
const sizes = [50, 90, 150, 300, 500, 800].map((size) => size * MiB);
const line = (runtime: number, overhead: number, factor: (index: number) => number = () => 1): MemorySample[] =>
  sizes.map((tensors, index) => ({ tensors, peak: factor(index) * (tensors * (1 + overhead) + runtime) }));

describe('fitMemory', () => {
  it('finds the line that peaks were made with', () => {
    const { runtime, overhead } = fitMemory(line(60 * MiB, 0.1));
    expect(runtime / (60 * MiB)).toBeCloseTo(1, 8);
    expect(overhead).toBeCloseTo(0.1, 8);
  });

  it('tells peaks within the noise of what it was fitted to', () => {
    const samples = line(60 * MiB, 0.1, (index) => 1 + 0.04 * Math.sin(5 * index));
    const { runtime, overhead } = fitMemory(samples);
    for (const { tensors, peak } of samples)
      expect(Math.abs((tensors * (1 + overhead) + runtime) / peak - 1)).toBeLessThan(0.06);
    // Of a much larger step, whose error is the slope's.
    const large = 10_000 * MiB;
    expect(Math.abs((large * (1 + overhead) + runtime) / (large * 1.1 + 60 * MiB) - 1)).toBeLessThan(0.06);
  });

  it('gives nothing below 0: a process that grows by less than its tensors takes nothing beside them', () => {
    expect(fitMemory(line(0, -0.2))).toEqual({ runtime: 0, overhead: 0 });
    const { runtime, overhead } = fitMemory(line(80 * MiB, -0.05));
    expect(runtime).toBeGreaterThan(0);
    expect(overhead).toBe(0);
    expect(fitMemory(line(-10 * MiB, 0.3)).runtime).toBe(0);
  });

  it('explains samples of one size by what does not grow', () => {
    const [sample] = line(60 * MiB, 0.1) as [MemorySample];
    for (const samples of [[sample], [sample, sample]]) {
      const { runtime, overhead } = fitMemory(samples);
      expect(overhead).toBe(0);
      expect(runtime / (sample.peak - sample.tensors)).toBeCloseTo(1, 8);
    }
  });

  it('refuses no samples and bytes that cannot be', () => {
    const good = line(60 * MiB, 0.1);
    for (const samples of [
      [],
      [...good, { tensors: 0, peak: 1 }],
      [...good, { tensors: 1, peak: Number.NaN }],
      [...good, { tensors: Infinity, peak: 1 }],
    ])
      expect(() => fitMemory(samples)).toThrow(expect.objectContaining({ code: 'config-invalid' }));
  });
});

describe('what was fitted', () => {
  const outline = presetOutline('minilm-l6');
  const plan = planAdapter({ rank: 8, targetModules: ['query', 'value'] }, outline.modules);
  const at = (batch: number, fitted = {}) => ({ batch, seq: 64, kernels: { ...nodeMemory, ...fitted } });

  it('is what a step takes beside its tensors, which stay what they are', () => {
    const fitted = { runtime: 50 * MiB, overhead: 0.1 };
    for (const batch of [1, 16]) {
      const [own, here] = [stepMemory(outline, plan, at(batch)), stepMemory(outline, plan, at(batch, fitted))];
      const tensors = own.total - own.runtime;
      expect(here).toEqual({ ...own, runtime: here.runtime, total: tensors + here.runtime });
      expect(here.runtime).toBe(Math.ceil(50 * MiB + 0.1 * tensors));
    }
  });

  it("is the backend's part, and parts sum to the whole", () => {
    const workload = at(4, { runtime: 50 * MiB, overhead: 0.1 });
    const { modules, ops } = memoryParts(outline, plan, workload);
    const whole = stepMemory(outline, plan, workload);
    expect(ops.get('backend')!.total).toBe(whole.runtime);
    expect([...modules.values(), ...ops.values()].reduce((sum, { total }) => sum + total, 0)).toBe(whole.total);
  });
});
