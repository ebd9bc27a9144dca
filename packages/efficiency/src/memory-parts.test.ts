import { planAdapter, type LoraConfigInput } from '@lowrank/core';
import {
  memoryParts,
  nodeMemory,
  planCost,
  stepFlops,
  stepMemory,
  wasmMemory,
  webgpuMemory,
  type StepMemory,
  type Workload,
} from '@lowrank/efficiency';
import { outlineOf, presetNames, presetOutline } from '@lowrank/models';
import { describe, expect, it } from '@lowrank/testing';
import { smallConfigs } from '../test/small-configs.js';

const workloads: [string, Workload][] = [
  ['few tokens, whose peak is the update', { batch: 1, seq: 3 }],
  ['two bytes a value', { batch: 3, seq: 40, kernels: nodeMemory, activationBytes: 2 }],
  ['checkpointing', { batch: 2, seq: 64, kernels: webgpuMemory, checkpointing: true }],
  ['both', { batch: 8, seq: 24, kernels: nodeMemory, checkpointing: true, activationBytes: 2 }],
];

const configs: LoraConfigInput[] = [
  { rank: 4, targetModules: 'all-linear' },
  { rank: 64, targetModules: 'all-linear', useDora: true, dropout: 0.1, bias: 'all' },
  { rank: 2, targetModules: String.raw`.*\.1\..*(dense|c_fc|up_proj)`, loraBias: true },
];

const sumOf = (parts: StepMemory[], key: keyof StepMemory) => parts.reduce((sum, part) => sum + part[key], 0);

describe('memoryParts', () => {
  for (const [name, config] of Object.entries(smallConfigs)) {
    it.each(workloads)(`sum to the whole, each kind of bytes exactly: ${name}, %s`, (_, workload) => {
      for (const quantise of [undefined, 'nf4', 'bf16'] as const) {
        const outline = outlineOf(config, { quantise });
        for (const lora of configs) {
          const taskType = name === 'bert' ? 'SEQ_CLS' : 'CAUSAL_LM';
          const plan = planAdapter({ ...lora, taskType }, outline.modules);
          const { modules, ops } = memoryParts(outline, plan, workload);
          const parts = [...modules.values(), ...ops.values()];
          const whole = stepMemory(outline, plan, workload);
          for (const key of Object.keys(whole) as (keyof StepMemory)[]) expect(sumOf(parts, key)).toBe(whole[key]);
          expect([...modules.keys()]).toEqual(outline.modules.map(({ path }) => path));
          for (const value of parts.flatMap((part) => Object.values(part))) expect(value).toBeGreaterThanOrEqual(0);
        }
      }
    });
  }

  it('give each adapted module of every preset what planCost gives it, and sum as its work does', () => {
    for (const name of presetNames) {
      const outline = presetOutline(name);
      const plan = planAdapter({ rank: 8, targetModules: 'all-linear' }, outline.modules);
      const { modules, ops } = memoryParts(outline, plan, { batch: 2, seq: 128 });
      for (const { path, baseParameters, adapterBytes } of planCost(plan).modules) {
        const { base, adapter, gradients, optimizer } = modules.get(path)!;
        expect([adapter, gradients, optimizer]).toEqual([adapterBytes, adapterBytes, 2 * adapterBytes]);
        expect(base).toBeGreaterThanOrEqual(4 * baseParameters);
      }
      const whole = stepMemory(outline, plan, { batch: 2, seq: 128 });
      expect(sumOf([...modules.values(), ...ops.values()], 'total')).toBe(whole.total);
      const { modules: flops, attention, step } = stepFlops(outline, plan, { batch: 2, seq: 128 });
      expect([...flops.values()].reduce((sum, count) => sum + count.step, attention.step)).toBe(step);
    }
  });

  it('count memory of several readers at the first, by hand', () => {
    const outline = presetOutline('smollm2-135m');
    const plan = planAdapter({ rank: 8, targetModules: ['q_proj', 'k_proj'] }, outline.modules);
    const { modules, ops } = memoryParts(outline, plan, { batch: 2, seq: 64 });
    const [rows, hidden, rank] = [128, 576, 8];
    const kept = (name: string) => modules.get(`model.layers.7.self_attn.${name}`)!.kept;
    // Queries keep the states that keys read too, both what A made of them; a frozen linear keeps nothing.
    expect(['q_proj', 'k_proj', 'v_proj'].map(kept)).toEqual([4 * rows * (hidden + rank), 4 * rows * rank, 0]);
    // Wasm's attention keeps two numbers a query of its 9 heads, and its inputs: queries, and 3 heads of keys and values.
    expect(ops.get('attention')!.kept).toBe(30 * 4 * rows * (9 * 2 + hidden + 2 * 192));
    expect(ops.get('backend')).toMatchObject({ runtime: wasmMemory.runtime, total: wasmMemory.runtime });
  });

  it('name the inputs of layers that checkpointing keeps, and the weight that a backend unpacks', () => {
    const outline = presetOutline('gpt2', { quantise: 'nf4' });
    const plan = planAdapter({ rank: 8, targetModules: ['c_attn'] }, outline.modules);
    const workload = { batch: 2, seq: 64, kernels: nodeMemory, checkpointing: true };
    const { modules, ops } = memoryParts(outline, plan, workload);
    expect(ops.get('checkpoint')!.kept).toBe(12 * 4 * 128 * 768);
    expect(modules.get('transformer.wte')!.unpacked).toBe(4 * 50257 * 768);
  });

  it('name what a kernel holds while it runs where that is the peak', () => {
    const outline = outlineOf({ ...smallConfigs['bert'], num_attention_heads: 32 });
    const plan = planAdapter({ rank: 2, targetModules: ['query'] }, outline.modules);
    const { ops } = memoryParts(outline, plan, { batch: 1, seq: 128, kernels: nodeMemory });
    expect(ops.get('attention')!.passing).toBe(4 * 128 * 32 * 128);
  });

  it('refuse a plan of another base', () => {
    const { modules } = presetOutline('gpt2', { quantise: 'nf4' });
    const plan = planAdapter({ rank: 8, targetModules: ['c_attn'] }, modules);
    expect(() => memoryParts(presetOutline('gpt2'), plan, { batch: 1, seq: 8 })).toThrow(
      expect.objectContaining({ code: 'config-invalid', fix: expect.stringContaining('same outline') }),
    );
  });
});
