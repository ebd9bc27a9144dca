import { planAdapter, type LoraConfigInput, type ModuleInfo } from '@lowrank/core';
import { describe, expect, it } from '@lowrank/testing';

const modules: ModuleInfo[] = [
  { path: 'bert.word_embeddings', kind: 'embedding', in: 9, out: 4, parameters: 36, bytes: 144 },
  ...[0, 1].flatMap((layer): ModuleInfo[] => [
    { path: `bert.layer.${layer}.query`, kind: 'linear', in: 4, out: 6, bias: true, parameters: 30, bytes: 120 },
    { path: `bert.layer.${layer}.value`, kind: 'linear', in: 4, out: 6, parameters: 24, bytes: 96 },
    { path: `bert.layer.${layer}.LayerNorm`, kind: 'layer-norm', bias: true, parameters: 8, bytes: 32 },
  ]),
  { path: 'pre_classifier', kind: 'linear', in: 4, out: 4, bias: true, parameters: 20, bytes: 80 },
  { path: 'classifier.out', kind: 'linear', in: 4, out: 3, bias: true, parameters: 15, bytes: 60 },
];

const planned = (config: Omit<LoraConfigInput, 'targetModules'>) =>
  planAdapter({ rank: 2, targetModules: ['query', 'value'], ...config }, modules);

const extras = (config: Omit<LoraConfigInput, 'targetModules'>) =>
  planned(config).extras.map(({ path, trains, parameters }) => `${path} ${trains} ${parameters}`);

describe('what an adapter trains of the base itself', () => {
  it('is nothing by default', () => {
    expect(extras({})).toEqual([]);
  });

  it('is the bias of each adapted module that has one', () => {
    expect(extras({ bias: 'lora_only' })).toEqual(['bert.layer.0.query bias 6', 'bert.layer.1.query bias 6']);
    expect(extras({ bias: 'lora_only', layersToTransform: 1 })).toEqual(['bert.layer.1.query bias 6']);
  });

  it('is every bias, of norms too, but of what is saved whole', () => {
    expect(extras({ bias: 'all', modulesToSave: ['classifier', 'layer.1.LayerNorm'] })).toEqual([
      'bert.layer.0.query bias 6',
      'bert.layer.0.LayerNorm bias 4',
      'bert.layer.1.query bias 6',
      'bert.layer.1.LayerNorm module 8',
      'pre_classifier module 20',
      'classifier.out module 15',
    ]);
  });

  it("is what ends with an entry of modulesToSave, or lies in it, by PEFT's rule; that gets no factors", () => {
    expect(extras({ modulesToSave: ['classifier'] })).toEqual(['pre_classifier module 20', 'classifier.out module 15']);
    expect(extras({ modulesToSave: ['word_embeddings'] })).toEqual(['bert.word_embeddings module 36']);
    const { modules: adapted } = planned({ modulesToSave: ['layer.0'] });
    expect(adapted.map(({ path }) => path)).toEqual(['bert.layer.1.query', 'bert.layer.1.value']);
  });

  it('is the head of a classification task, as in PEFT, under whichever of its names it has', () => {
    const { config, extras: found, warnings } = planned({ taskType: 'SEQ_CLS' });
    expect(config.modulesToSave).toEqual(['classifier', 'score']);
    expect(found.map(({ path }) => path)).toEqual(['pre_classifier', 'classifier.out']);
    expect(warnings).toEqual([]);
    expect(planned({ taskType: 'CAUSAL_LM' }).config.modulesToSave).toEqual([]);
    expect(planned({ taskType: 'QUESTION_ANS' }).extras).toEqual([]);
  });

  it('is what else was made up for the task, by its whole path, which no target adapts', () => {
    const fresh: ModuleInfo[] = modules.map((module) =>
      ['bert.layer.1.query', 'classifier.out'].includes(module.path) ? { ...module, fresh: true } : module,
    );
    const targets = { targetModules: ['query'], rank: 2 };
    const plan = planAdapter({ ...targets, taskType: 'SEQ_CLS' }, fresh);
    expect(plan.config.modulesToSave).toEqual(['classifier', 'score', 'bert.layer.1.query']);
    expect(plan.extras.map(({ path }) => path)).toEqual(['bert.layer.1.query', 'pre_classifier', 'classifier.out']);
    expect(plan.modules.map(({ path }) => path)).toEqual(['bert.layer.0.query']);
    expect(planAdapter(targets, fresh).config.modulesToSave).toEqual([]);
  });

  it('is warned of where an entry names nothing beside others that do', () => {
    expect(planned({ modulesToSave: ['classifier', 'pooler'] }).warnings).toEqual([
      '"pooler" in modulesToSave names no module',
    ]);
  });

  it("tells a linear whose weight lies as GPT-2's", () => {
    const turned = modules.map((module) => (module.kind === 'linear' ? { ...module, fanInFanOut: true } : module));
    const plan = planAdapter({ targetModules: ['query'], modulesToSave: ['classifier'] }, turned);
    expect(plan.config.fanInFanOut).toBe(true);
    expect(plan.extras.map(({ fanInFanOut }) => fanInFanOut)).toEqual([true, true]);
  });

  it('counts with the factors: a bias on B, or a magnitude, for each output', () => {
    const counts = (config: Partial<LoraConfigInput>) => planned(config).modules.map(({ parameters }) => parameters);
    expect(counts({})).toEqual([20, 20, 20, 20]);
    expect(counts({ loraBias: true })).toEqual([26, 26, 26, 26]);
    expect(counts({ useDora: true })).toEqual([26, 26, 26, 26]);
  });
});
