import { planAdapter, useBackend } from '@lowrank/core';
import { estimate } from '@lowrank/efficiency';
import { outlineOf } from '@lowrank/models';
import { backends, describe, expect } from '@lowrank/testing';
import { memory } from '@tensorflow/tfjs-core';
import { test } from 'vitest';
import { liveModel } from '../test/live-step.js';
import { smallConfigs } from '../test/small-configs.js';

describe('estimate of a live model', () => {
  for (const [name, config] of Object.entries(smallConfigs)) {
    test(`is that of its config, with as many parameters as it has: ${name}`, async () => {
      await useBackend(backends[0]!);
      const outline = outlineOf(config);
      const plan = planAdapter(
        { rank: 4, targetModules: 'all-linear', taskType: name === 'bert' ? 'SEQ_CLS' : 'CAUSAL_LM' },
        outline.modules,
      );
      const shape = { batch: 2, seq: 16 };
      const before = memory().numBytes;
      using live = await liveModel(config, plan);
      const found = estimate(live.model.outline, plan, shape);
      expect(found).toEqual(estimate(outline, plan, shape));
      const trained = live.manager.parameters('live').reduce((sum, { variable }) => sum + variable.size, 0);
      expect(found.adapterParameters).toBe(trained);
      // All of the base is float32, and beside it lies only what is trained.
      expect(memory().numBytes - before).toBe(4 * (found.baseParameters + trained));
    });
  }
});
