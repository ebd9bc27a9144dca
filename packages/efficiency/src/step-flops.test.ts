import { planAdapter } from '@lowrank/core';
import { estimateFull, nodeMemory, stepFlops } from '@lowrank/efficiency';
import { presetOutline } from '@lowrank/models';
import { describe, expect, it } from '@lowrank/testing';

const outline = presetOutline('smollm2-135m');
const shape = { batch: 2, seq: 64 };
const rows = 128;
const [hidden, inner, kv, vocab, layers] = [576, 1536, 192, 49152, 30];
const head = 2 * rows * hidden * vocab;
const linears = { q: hidden ** 2, k: hidden * kv, v: hidden * kv, o: hidden ** 2, mlp: 3 * hidden * inner };
const block = 2 * rows * Object.values(linears).reduce((sum, values) => sum + values, 0);
const attention = 4 * rows * 64 * hidden;

describe('stepFlops', () => {
  it('counts the products of each pass, by hand', () => {
    const plan = planAdapter({ rank: 8, targetModules: ['q_proj', 'v_proj'] }, outline.modules);
    const adapter = 2 * rows * 8 * (2 * hidden + hidden + kv);
    const flops = stepFlops(outline, plan, shape);
    expect(flops.merged).toBe(layers * (block + attention) + head);
    expect(flops.unmerged).toBe(flops.merged + layers * adapter);
    // Below the first layer's keys there is nothing to train. Attention makes its weights again: five products for two.
    const firstKeys = 2 * rows * linears.k;
    expect(flops.backward).toBe(layers * (block + 2.5 * attention + 2 * adapter) + head - firstKeys);
    expect(stepFlops(outline, plan, { ...shape, kernels: nodeMemory }).backward).toBe(
      flops.backward - layers * 0.5 * attention,
    );
  });

  it('is the sum over modules and attention, and twice as much for twice the rows', () => {
    const plan = planAdapter({ rank: 8, targetModules: 'all-linear' }, outline.modules);
    const { modules, attention, ...total } = stepFlops(outline, plan, shape);
    const twice = stepFlops(outline, plan, { ...shape, batch: 4 });
    for (const of of ['merged', 'unmerged', 'backward', 'step'] as const) {
      expect([...modules.values()].reduce((sum, count) => sum + count[of], attention[of])).toBe(total[of]);
      expect(twice[of]).toBe(2 * total[of]);
    }
    expect(total.step).toBe(total.unmerged + total.backward);
  });

  it('reaches no deeper than the lowest adapter', () => {
    const of = (layers: number[]) =>
      stepFlops(
        outline,
        planAdapter({ rank: 8, targetModules: ['q_proj'], layersToTransform: layers }, outline.modules),
        shape,
      ).backward;
    expect(of([29])).toBeLessThan(of([15]));
    expect(of([15])).toBeLessThan(of([0]));
    expect(of([15]) - of([16])).toBe(block + 2.5 * attention);
  });

  it('computes each layer once more with checkpointing', () => {
    const plan = planAdapter({ rank: 8, targetModules: 'all-linear' }, outline.modules);
    const { step, unmerged } = stepFlops(outline, plan, shape);
    expect(stepFlops(outline, plan, { ...shape, checkpointing: true }).step).toBe(step + unmerged);
  });

  it('of full fine-tuning is a forward pass and twice as much back', () => {
    const { flops } = estimateFull(outline, { ...shape, kernels: nodeMemory });
    expect(flops.unmerged).toBe(flops.merged);
    // The table is trained, so all linears pass a gradient on; attention backward is twice its forward.
    expect(flops.backward).toBe(2 * flops.merged);
  });
});
