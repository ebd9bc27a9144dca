import { loraConfig, scalingOf, type LoraConfigInput } from '@lowrank/core';
import { describe, expect, it } from '@lowrank/testing';

describe('loraConfig', () => {
  it("fills in PEFT's defaults", () => {
    expect(loraConfig({ targetModules: ['q_proj'] })).toEqual({
      rank: 8,
      alpha: 8,
      dropout: 0,
      targetModules: ['q_proj'],
      useRslora: false,
      rankPattern: {},
      alphaPattern: {},
      init: 'kaiming',
      bias: 'none',
      loraBias: false,
      useDora: false,
      modulesToSave: [],
      fanInFanOut: false,
      taskType: null,
      baseModelNameOrPath: null,
    });
  });

  it.each([
    [{ rank: 0 }, /^rank: 0: a rank is a whole number of 1 or more/],
    [{ rank: -4 }, /^rank: -4/],
    [{ rank: 2.5 }, /^rank: 2.5/],
    [{ rank: '8' }, /^rank: "8"/],
    [{ alpha: NaN }, /^alpha: NaN: alpha is a finite number above 0/],
    [{ alpha: Infinity }, /^alpha: Infinity/],
    [{ alpha: 0 }, /^alpha: 0/],
    [{ dropout: 1 }, /^dropout: 1: dropout is a probability/],
    [{ dropout: -0.1 }, /^dropout: -0.1/],
    [{ targetModules: [] }, /^targetModules: \[\]/],
    [{ targetModules: 5 }, /^targetModules: 5/],
    [{ rankPattern: { q_proj: 0 } }, /^rankPattern.q_proj: 0/],
    [{ alphaPattern: { q_proj: NaN } }, /^alphaPattern.q_proj: NaN/],
    [{ init: 'pisa' }, /^init: "pisa": init is .*"pissa", "pissa_niter_N"/],
    [{ init: 'pissa_niter_x' }, /^init: "pissa_niter_x"/],
    [{ bias: 'some' }, /^bias: "some": it is "none", "all" or "lora_only"/],
    [{ loraBias: 'yes' }, /^loraBias: "yes"/],
    [{ modulesToSave: 'head' }, /^modulesToSave: "head": it is a list/],
    [{ layersToTransform: -1 }, /^layersToTransform: -1/],
    [{ layersToTransform: [0.5] }, /^layersToTransform/],
    [{ targetModules: '.*', layersToTransform: [1] }, /^layersToTransform: \[1\]: it needs a list of targetModules/],
    [{ layersPattern: 'h' }, /^layersPattern: "h": it needs layersToTransform/],
    [{ loraBias: true, init: 'pissa' }, /^loraBias: true: it does not go with init "pissa"/],
    [{ loraBias: true, useDora: true }, /^loraBias: true: it does not go with useDora/],
    [{ targetModules: [''] }, /^targetModules: \[""\]/],
    [{ excludeModules: 5 }, /^excludeModules: 5: targets are/],
    [{ useRslora: 1 }, /^useRslora: 1: it is true or false; .*leave it out for false/],
    [{ modulesToSave: ['head', 7] }, /^modulesToSave: \["head",7\]/],
    [{ rankPattern: [8] }, /^rankPattern: \[8\]/],
    [{ trainableTokenIndices: { wte: [] } }, /^trainableTokenIndices: {"wte":\[\]}/],
    [{ taskType: 5 }, /^taskType: 5: it is a text or null/],
    [{ rank: null }, /^rank: null/],
    [{ loraAlhpa: 8 }, /^"loraAlhpa" in the LoRA config: .*nearest here: .*alpha/],
  ])('refuses %j with what was given and the rule', (wrong, message) => {
    const config = { targetModules: ['q_proj'], ...wrong } as LoraConfigInput;
    expect(() => loraConfig(config)).toThrow(message);
    expect(() => loraConfig(config)).toThrow(expect.objectContaining({ code: 'config-invalid' }));
  });

  it('keeps no hold of what it is given', () => {
    const given = { targetModules: ['q_proj'], rankPattern: { q_proj: 4 } };
    const config = loraConfig(given);
    given.targetModules.push('v_proj');
    given.rankPattern.q_proj = 1;
    expect(config).toMatchObject({ targetModules: ['q_proj'], rankPattern: { q_proj: 4 } });
  });

  it.each([undefined, null, [], 'q_proj'])('refuses %j for a config', (given) => {
    expect(() => loraConfig(given as unknown as LoraConfigInput)).toThrow(/^the LoRA config: .*an object of options/);
  });

  it('refuses a config without targets', () => {
    expect(() => loraConfig({ rank: 8 } as LoraConfigInput)).toThrow(/^targetModules: nothing/);
  });
});

describe('scaling', () => {
  it('is alpha / rank, or alpha / sqrt(rank) under rsLoRA', () => {
    expect(scalingOf({ rank: 16, alpha: 32, useRslora: false })).toBe(2);
    expect(scalingOf({ rank: 16, alpha: 32, useRslora: true })).toBe(8);
  });
});
