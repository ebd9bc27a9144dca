import { planAdapter } from '@lowrank/core';
import { estimate, estimateFull, estimateRanks, planCost } from '@lowrank/efficiency';
import { presetNames, presetOutline } from '@lowrank/models';
import { describe, expect, it } from '@lowrank/testing';

const mebi = 2 ** 20;
const shape = { batch: 1, seq: 128 };

describe('estimate', () => {
  it.each([
    ['bert-base', 10.125],
    ['bert-large', 27],
    // GPT-2 has queries, keys and values in one matrix [h, 3 h]: 16 r h a layer, where six separate linears take 18 r h.
    ['gpt2', 9],
    ['gpt2-medium', 24],
    ['gpt2-large', 45],
    ['gpt2-xl', 75],
  ])('%s at rank 16 on every linear of its layers is %d MiB', (name, size) => {
    const outline = presetOutline(name);
    const config = { rank: 16, targetModules: 'all-linear', excludeModules: ['pooler.dense'] };
    const { memory, fileBytes } = estimate(outline, planAdapter(config, outline.modules), shape);
    expect(memory.adapter / mebi).toBe(size);
    // The header of names and places is the rest.
    expect(fileBytes).toBeGreaterThan(memory.adapter);
    expect(fileBytes).toBeLessThan(1.01 * memory.adapter);
  });

  it('gives whole models their known float32 MiB', () => {
    const sizes = Object.fromEntries(
      ['bert-base', 'bert-large', 'gpt2-medium', 'gpt2-large', 'gpt2-xl'].map((name) => {
        const { modules } = presetOutline(name);
        return [name, Math.round(modules.reduce((sum, { bytes }) => sum + bytes, 0) / mebi)];
      }),
    );
    expect(sizes).toEqual({
      'bert-base': 418,
      'bert-large': 1278,
      'gpt2-medium': 1354,
      'gpt2-large': 2953,
      'gpt2-xl': 5942,
    });
  });

  it('agrees with planCost for every preset, and is cheaper than full fine-tuning', () => {
    for (const name of presetNames) {
      const outline = presetOutline(name);
      const plan = planAdapter({ rank: 8, targetModules: 'all-linear' }, outline.modules);
      const { memory, flops, ...rest } = estimate(outline, plan, shape);
      expect(rest).toMatchObject({ adapterParameters: planCost(plan).adapterParameters });
      expect([memory.base, memory.optimizer]).toEqual([planCost(plan).baseBytes, planCost(plan).optimizerBytes]);
      const full = estimateFull(outline, shape);
      expect(full.adapterParameters).toBe(rest.baseParameters);
      expect([full.memory.total > memory.total, full.flops.step > flops.step]).toEqual([true, true]);
      expect(full.fileBytes).toBe(4 * rest.baseParameters);
    }
  });

  it('keeps the share of memory and time that PEFT measures for adapters beside full fine-tuning', () => {
    // Its benchmark has at most 0.58 of the memory and 0.44 of the time of full fine-tuning; time has more than products in it.
    const outline = presetOutline('llama-3.2-1b');
    const plan = planAdapter({ rank: 32, targetModules: ['q_proj', 'v_proj'] }, outline.modules);
    const [lora, full] = [
      estimate(outline, plan, { batch: 4, seq: 768 }),
      estimateFull(outline, { batch: 4, seq: 768 }),
    ];
    expect(lora.memory.total / full.memory.total).toBeLessThan(0.7);
    expect(lora.flops.step / full.flops.step).toBeCloseTo(2 / 3, 1);
  });

  it('sets other ranks beside it, each as planning it anew would', () => {
    const outline = presetOutline('gpt2');
    const of = (rank: number) =>
      planAdapter({ rank, targetModules: ['c_attn'], loraBias: true, modulesToSave: ['ln_f'] }, outline.modules);
    const ranks = [1, 4, 16, 64];
    for (const { rank, ...found } of estimateRanks(outline, of(8), shape, ranks)) {
      expect(found).toEqual(estimate(outline, of(rank), shape));
    }
    expect(() => estimateRanks(outline, of(8), shape, [0])).toThrow(
      expect.objectContaining({ code: 'config-invalid' }),
    );
  });
});
