import { presetNames, presetOutline } from '@lowrank/models';
import { describe, expect, it } from '@lowrank/testing';

const total = (name: string, of: 'parameters' | 'bytes', quantise?: 'int8' | 'nf4') =>
  presetOutline(name, { quantise }).modules.reduce((sum, module) => sum + module[of], 0);

describe('presetOutline', () => {
  // As transformers counts them, an encoder with its pooler.
  it.each([
    ['bert-base', 109_482_240],
    ['bert-large', 335_141_888],
    ['minilm-l6', 22_713_216],
    ['gpt2', 124_439_808],
    ['gpt2-medium', 354_823_168],
    ['gpt2-large', 774_030_080],
    ['gpt2-xl', 1_557_611_200],
    ['smollm2-135m', 134_515_008],
    ['tinyllama-1.1b', 1_100_048_384],
    ['llama-3.2-1b', 1_235_814_400],
    ['llama-3-8b', 8_030_261_248],
    ['mistral-7b', 7_241_732_096],
    ['qwen2-0.5b', 494_032_768],
    ['qwen2-1.5b', 1_543_714_304],
  ])('%s has the parameters that it is known for', (name, parameters) => {
    expect(total(name, 'parameters')).toBe(parameters);
    expect(total(name, 'bytes')).toBe(4 * parameters);
  });

  it('packs matrices where it is asked to', () => {
    const norms = presetOutline('llama-3-8b').modules.reduce(
      (sum, { kind, bytes }) => sum + (kind === 'norm' ? bytes : 0),
      0,
    );
    const matrices = 8_030_261_248 - norms / 4;
    expect(total('llama-3-8b', 'bytes', 'int8')).toBe(norms + matrices * (1 + 4 / 64));
    expect(total('llama-3-8b', 'bytes', 'nf4')).toBe(norms + matrices * (1 / 2 + 4 / 64));
    expect(() => presetOutline('gpt2', { quantise: 'stored' })).toThrow(
      expect.objectContaining({ code: 'config-invalid' }),
    );
  });

  it('names the nearest and all that there are for one that it does not know', () => {
    expect(() => presetOutline('gpt2-x')).toThrow(
      expect.objectContaining({
        code: 'model-unsupported',
        rule: expect.stringContaining(presetNames.join(', ')),
        fix: expect.stringMatching(/nearest here: gpt2/),
      }),
    );
  });

  it('says of each pass which module each step runs, each once', () => {
    for (const name of presetNames) {
      const { modules, pass } = presetOutline(name);
      const run = [...pass.before, ...pass.blocks.flat(), ...pass.after].flatMap(({ path }) => path ?? []);
      const idle = modules.map(({ path }) => path).filter((path) => !run.includes(path));
      expect(new Set(run).size).toBe(run.length);
      expect(run.filter((path) => modules.every((module) => module.path !== path))).toEqual([]);
      // Only a classifier runs BERT's pooler.
      expect(idle).toEqual(name.startsWith('bert') || name.startsWith('minilm') ? ['pooler.dense'] : []);
    }
  });
});
