import { planAdapter } from '@lowrank/core';
import { fitSpeed, predictSeconds, stepFlops, stepWork, type Speed, type Work } from '@lowrank/efficiency';
import { presetOutline } from '@lowrank/models';
import { describe, expect, it } from '@lowrank/testing';

const outline = presetOutline('minilm-l6');
const plan = planAdapter({ rank: 8, targetModules: ['query', 'value'] }, outline.modules);
const works = [1, 4, 16].flatMap((batch) => [64, 128, 256, 512].map((seq) => stepWork(outline, plan, { batch, seq })));
const speed: Speed = { linear: 60e9, attention: 20e9, scores: 1e8, weights: 20e9, bytes: 5e9, ops: 2e5 };
// Heads of another width tell scores from products.
const wide = presetOutline('smollm2-135m');
const widePlan = planAdapter({ rank: 8, targetModules: ['q_proj', 'v_proj'] }, wide.modules);
works.push(...[64, 512].map((seq) => stepWork(wide, widePlan, { batch: 1, seq })));
const timed = (factor: (index: number) => number) =>
  works.map((work, index) => ({ work, seconds: factor(index) * predictSeconds(work, speed) }));

describe('stepWork', () => {
  it("splits a step's work into linears and attention, and counts what ops move", () => {
    const [work] = works as [Work];
    const { step, attention } = stepFlops(outline, plan, { batch: 1, seq: 64 });
    expect([work.linear + work.attention, work.attention]).toEqual([step, attention.step]);
    const twice = stepWork(outline, plan, { batch: 2, seq: 64 });
    expect([twice.linear, twice.ops]).toEqual([2 * work.linear, work.ops]);
    // Position rows alone do not double.
    expect(twice.bytes / work.bytes).toBeGreaterThan(1.98);
  });
});

describe('fitSpeed', () => {
  it('finds the speeds that times were made with', () => {
    const fitted = fitSpeed(timed(() => 1));
    for (const [kind, value] of Object.entries(speed)) expect(fitted[kind as keyof Speed] / value).toBeCloseTo(1, 5);
  });

  it('predicts within the noise of what it was fitted to, and costs are never below 0', () => {
    const samples = timed((index) => 1 + 0.05 * Math.sin(7 * index));
    const fitted = fitSpeed(samples);
    for (const { work, seconds } of samples)
      expect(Math.abs(predictSeconds(work, fitted) / seconds - 1)).toBeLessThan(0.1);
    for (const value of Object.values(fitted)) expect(value).toBeGreaterThan(0);
  });

  it('takes known speeds as they are, and one sample if it must', () => {
    expect(
      fitSpeed(
        timed(() => 1),
        { linear: 60e9 },
      ).linear,
    ).toBe(60e9);
    const one = timed(() => 1).slice(0, 1);
    expect(predictSeconds(one[0]!.work, fitSpeed(one)) / one[0]!.seconds).toBeCloseTo(1, 10);
  });

  it('refuses no samples and times that cannot be', () => {
    for (const samples of [[], [{ work: works[0]!, seconds: 0 }], [{ work: works[0]!, seconds: Number.NaN }]]) {
      expect(() => fitSpeed(samples)).toThrow(expect.objectContaining({ code: 'config-invalid' }));
    }
  });
});
