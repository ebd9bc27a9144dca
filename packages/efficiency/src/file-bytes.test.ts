import { planAdapter, useBackend, type LoraConfigInput } from '@lowrank/core';
import { adapterFileBytes, planCost } from '@lowrank/efficiency';
import { writePeft } from '@lowrank/formats';
import { outlineOf } from '@lowrank/models';
import { backends, describe, expect, withFolder } from '@lowrank/testing';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'vitest';
import { liveModel } from '../test/live-step.js';
import { smallConfigs } from '../test/small-configs.js';

const cases: [string, LoraConfigInput][] = [
  ...Object.keys(smallConfigs).map((name): [string, LoraConfigInput] => [
    name,
    { rank: 4, targetModules: 'all-linear', taskType: name === 'bert' ? 'SEQ_CLS' : 'CAUSAL_LM' },
  ]),
  ['llama', { rank: 3, targetModules: ['embed_tokens', 'q_proj'], useDora: true }],
  ['llama with a head', { rank: 4, targetModules: ['q_proj'], modulesToSave: ['up_proj', 'model.norm', 'lm_head'] }],
  ['gpt2', { rank: 4, targetModules: ['c_attn'], bias: 'all', loraBias: true }],
  ['gpt2', { rank: 4, targetModules: ['c_attn'], modulesToSave: ['ln_f', 'c_fc'] }],
  ['qwen2', { rank: 4, targetModules: 'all-linear', trainableTokenIndices: [1, 2, 3], rankPattern: { v_proj: 11 } }],
];

describe('adapterFileBytes', () => {
  for (const [name, config] of cases) {
    test(`is the size of the file that is written, to the byte: ${name}, ${JSON.stringify(config)}`, async () => {
      await useBackend(backends[0]!);
      const { modules } = outlineOf(smallConfigs[name]!);
      const plan = planAdapter(config, modules);
      using live = await liveModel(smallConfigs[name]!, plan);
      // What a config tells is what the model is.
      expect(live.model.modules()).toEqual(modules);
      await withFolder(async (folder) => {
        await writePeft(folder, await live.manager.adapter('live'));
        const { size } = await stat(join(folder, 'adapter_model.safetensors'));
        expect(adapterFileBytes(modules, plan)).toBe(size);
      });
      // The same plan counts what the live adapter trains.
      const trained = live.manager.parameters('live').reduce((sum, { variable }) => sum + variable.size, 0);
      expect(planCost(plan).adapterParameters).toBe(trained);
    });
  }
});
