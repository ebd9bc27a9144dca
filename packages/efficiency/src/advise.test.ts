import { planAdapter, type LoraConfigInput } from '@lowrank/core';
import { advise, stepFlops, stepMemory } from '@lowrank/efficiency';
import { presetOutline } from '@lowrank/models';
import { describe, expect, it } from '@lowrank/testing';

const shape = { batch: 8, seq: 256 };

function advised(preset: string, config: LoraConfigInput, memory?: number) {
  const outline = presetOutline(preset);
  const plan = planAdapter(config, outline.modules);
  const needed = (batch = 8, seq = 256) => stepMemory(outline, plan, { batch, seq }).total;
  return { needed, plan, outline, advice: advise(outline, plan, shape, { memory }) };
}

const qv = { rank: 8, targetModules: ['q_proj', 'v_proj'] };

describe('advise', () => {
  it('says that a step fits, and the largest batch that would', () => {
    const { advice, needed } = advised('smollm2-135m', qv, 8 * 2 ** 30);
    expect(advice[0]).toMatchObject({ code: 'fits', figures: { needed: needed() } });
    const { batch } = advice[0]!.figures as { batch: number };
    expect([needed(batch) <= 8 * 2 ** 30, needed(batch + 1) > 8 * 2 ** 30]).toEqual([true, true]);
  });

  it('says what would fit where a step does not: the most rows or tokens, or a packed base', () => {
    const memory = 2 * 2 ** 30;
    const { advice, needed, plan } = advised('smollm2-135m', qv, memory);
    expect(advice[0]).toMatchObject({ code: 'does-not-fit', figures: { needed: needed(), memory } });
    const ways = advice.filter(({ code }) => code === 'fits-if');
    const [fewer, shorter, int8, nf4] = ways.map(({ figures }) => figures as Record<string, number>);
    expect([needed(fewer!['batch']), needed(fewer!['batch']! + 1) > memory]).toEqual([fewer!['needed'], true]);
    expect([needed(8, shorter!['sequence']), needed(8, shorter!['sequence']! + 1) > memory]).toEqual([
      shorter!['needed'],
      true,
    ]);
    for (const [format, way] of [
      ['int8', int8!],
      ['nf4', nf4!],
    ] as const) {
      const packed = presetOutline('smollm2-135m', { quantise: format });
      const packedPlan = planAdapter(qv, packed.modules);
      expect(packedPlan.base.bytes).toBeLessThan(plan.base.bytes / 3);
      expect(stepMemory(packed, packedPlan, { batch: way['batch']!, seq: 256 }).total).toBe(way['needed']);
      expect(way['needed']).toBeLessThanOrEqual(memory);
    }
    expect(ways[0]!.text).toMatch(/^\d+\.\d GiB with a batch of \d+ /);
  });

  it('names checkpointing where it alone would make a step fit, what it costs, and that it is not done here', () => {
    const [memory, checkpointing] = [2 * 2 ** 30, true];
    const { advice, plan, outline } = advised('smollm2-135m', qv, memory);
    const needed = stepMemory(outline, plan, { ...shape, checkpointing }).total;
    const work = stepFlops(outline, plan, { ...shape, checkpointing }).step / stepFlops(outline, plan, shape).step;
    const found = advice.filter(({ code }) => code === 'fits-elsewhere');
    expect(found.map(({ figures }) => figures)).toEqual([{ needed, batch: 8, sequence: 256, work }]);
    expect(needed).toBeLessThanOrEqual(memory);
    // A forward pass more, of about one forward and one backward.
    expect(work).toBeCloseTo(1.5, 1);
    expect(found[0]!.text).toMatch(/with activation checkpointing, for \d\d % more .*trainer does not do that/);
    // Not where it does not suffice, nor where there is no need, nor where it is reckoned with already.
    expect(advised('smollm2-135m', qv, needed - 1).advice.map(({ code }) => code)).not.toContain('fits-elsewhere');
    expect(advised('smollm2-135m', qv, 2 ** 36).advice.map(({ code }) => code)).not.toContain('fits-elsewhere');
    const already = advise(outline, plan, { ...shape, checkpointing }, { memory });
    expect(already[0]).toMatchObject({ code: 'fits', figures: { needed } });
  });

  it('says the least there is where nothing fits', () => {
    const { advice } = advised('llama-3-8b', qv, 2 ** 30);
    expect(advice.map(({ code }) => code).slice(0, 2)).toEqual(['does-not-fit', 'cannot-fit']);
    const packed = presetOutline('llama-3-8b', { quantise: 'nf4' });
    const least = stepMemory(packed, planAdapter(qv, packed.modules), { batch: 1, seq: 16 }).total;
    expect(advice[1]!.figures['needed']).toBe(least);
    expect(advice[1]!.text).toMatch(/smaller model/);
  });

  it('never advises more memory than there is, and does not need less where there is more', () => {
    let before = 0;
    for (const memory of [0.7, 1.5, 3, 6, 8, 16].map((gibi) => gibi * 2 ** 30)) {
      const { advice } = advised('smollm2-135m', qv, memory);
      const fitting = advice.filter(({ code }) => code === 'fits-if' || code === 'fits');
      for (const { figures } of advice.filter(({ code }) => code.startsWith('fits')))
        expect(figures['needed']).toBeLessThanOrEqual(memory);
      const whole = fitting.filter(({ figures }) => figures['sequence'] === 256 || figures['sequence'] === undefined);
      const batch = Math.max(0, ...whole.map(({ figures }) => figures['batch'] as number));
      expect(batch).toBeGreaterThanOrEqual(before);
      before = batch;
    }
  });

  it.each([0, -1, Number.NaN, Infinity])('refuses %d bytes', (memory) => {
    expect(() => advised('gpt2', { rank: 8, targetModules: ['c_attn'] }, memory)).toThrow(
      expect.objectContaining({ code: 'config-invalid', given: `memory: ${memory}` }),
    );
  });

  it('names ranks at which factors are as large as their weight, and the highest that saves any', () => {
    // 896 x 128: below 896 · 128 / 1024 = 112.
    const of = (rank: number) => advised('qwen2-0.5b', { rank, targetModules: ['k_proj'], useRslora: true }).advice;
    const beyond = of(112).find(({ code }) => code === 'rank-beyond-need');
    expect(beyond?.figures).toEqual({ modules: 24, parameters: 24 * 112 * 1024, rank: 111 });
    expect(of(111).map(({ code }) => code)).not.toContain('rank-beyond-need');
  });

  it('says how much of the base a large adapter is', () => {
    const { advice, plan } = advised('minilm-l6', { rank: 128, targetModules: 'all-linear' });
    const parameters = plan.modules.reduce((sum, module) => sum + module.parameters, 0);
    expect(advice.find(({ code }) => code === 'large-adapter')?.figures).toEqual({
      parameters,
      share: parameters / 22713216,
    });
  });

  it('points to rsLoRA at a high rank, with both scalings', () => {
    const of = (config: Partial<LoraConfigInput>) => advised('gpt2', { targetModules: 'all-linear', ...config }).advice;
    const found = of({ rank: 64, alpha: 16 }).find(({ code }) => code === 'rslora');
    expect(found?.figures).toEqual({ rank: 64, scaling: 0.25, rsloraScaling: 2 });
    for (const config of [{ rank: 64, useRslora: true }, { rank: 31 }]) {
      expect(of(config).map(({ code }) => code)).not.toContain('rslora');
    }
  });

  it('points to the feed-forward linears where attention alone is adapted, at the rank that costs no more', () => {
    const { advice, plan } = advised('llama-3-8b', { rank: 32, targetModules: ['q_proj', 'v_proj'], useRslora: true });
    const parameters = plan.modules.reduce((sum, module) => sum + module.parameters, 0);
    const found = advice.find(({ code }) => code === 'feed-forward');
    const perRank = 32 * 3 * (4096 + 14336);
    expect(found?.figures).toEqual({
      rank: Math.floor(parameters / perRank),
      parameters: Math.floor(parameters / perRank) * perRank,
    });
    expect(found?.text).toContain('mlp.gate_proj, mlp.up_proj, mlp.down_proj');
    const all = advised('llama-3-8b', { rank: 32, targetModules: 'all-linear' }).advice;
    expect(all.map(({ code }) => code)).not.toContain('feed-forward');
  });

  it('says which targets a parameter is best spent on', () => {
    const { advice } = advised('llama-3-8b', { rank: 8, targetModules: 'all-linear' });
    expect(advice.find(({ code }) => code === 'targets-pay')?.figures).toEqual({
      best: (4096 * 14336) / (8 * (4096 + 14336)),
      worst: (4096 * 1024) / (8 * (4096 + 1024)),
    });
  });
});
