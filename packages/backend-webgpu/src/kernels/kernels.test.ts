import { webgpu } from '@lowrank/backend-webgpu';
import { useBackend } from '@lowrank/core';
import { describe, expect, it } from '@lowrank/testing';
import { allChecks } from '../../test/all-checks.js';
import { dawnIsHere } from '../../test/dawn.js';
import { outcomeOf } from '../../test/op-check.js';

describe('an op in WGSL equals its formula in float64, with its gradients', async () => {
  const test = it.runIf(await dawnIsHere());

  for (const check of allChecks()) {
    test(check.name, async () => {
      await useBackend(webgpu());
      const outcome = await outcomeOf(check);
      for (const difference of outcome.differences) expect(difference).toBeLessThanOrEqual(check.atol);
      expect(outcome.leaked).toBe(0);
      expect(outcome.stock).toEqual(check.name.startsWith('crossEntropy') ? ['Sum'] : []);
    });
  }
});
