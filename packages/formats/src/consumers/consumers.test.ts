import { describe, errorOf, expect, it } from '@lowrank/testing';
import {
  compatibility,
  consumers,
  prepareFor,
  readPeftFolder,
  type ConsumerName,
  type Verdict,
} from '@lowrank/formats';
import { golden } from '../../test/golden.js';

const folder = (name: string) => readPeftFolder(golden(name.startsWith('peft-') ? name : `peft-folders/${name}`));

describe('compatibility', () => {
  // By consumer: PEFT, vLLM, llama.cpp, MLX-LM.
  const expected: [string, Verdict, Verdict, Verdict, Verdict][] = [
    ['layers', 'taken', 'strippable', 'strippable', 'strippable'], // convolutions
    ['dora', 'taken', 'refused', 'refused', 'refused'], // embeddings among them
    ['lora-bias', 'taken', 'strippable', 'strippable', 'strippable'],
    ['modules-to-save', 'taken', 'strippable', 'strippable', 'strippable'],
    ['bias-all', 'taken', 'strippable', 'strippable', 'strippable'],
    ['tokens', 'taken', 'strippable', 'strippable', 'strippable'],
    ['parameters', 'taken', 'refused', 'refused', 'refused'],
    ['pissa', 'taken', 'refused', 'refused', 'refused'],
    ['half', 'taken', 'rewritten', 'rewritten', 'rewritten'], // patterns
    ['embedding', 'taken', 'rewritten', 'rewritten', 'rewritten'], // a copy of the base's table
    ['peft-adapter', 'taken', 'taken', 'taken', 'taken'],
    ['peft-adapter-rslora', 'taken', 'rewritten', 'rewritten', 'rewritten'],
  ];
  for (const [name, ...verdicts] of expected) {
    it(`says what becomes of ${name}`, async () => {
      const adapter = await folder(name);
      const found = (Object.keys(consumers) as ConsumerName[]).map(
        (consumer) => compatibility(adapter, consumer).verdict,
      );
      expect(found).toEqual(verdicts);
    });
  }

  it('names each finding, where it is and why', async () => {
    const { findings, program } = compatibility(await folder('modules-to-save'), 'llama.cpp');
    expect(program).toContain('llama.cpp');
    expect(findings).toEqual([
      {
        feature: 'saved-modules',
        places: ['head'],
        verdict: 'strippable',
        why: 'llama.cpp takes no whole modules',
      },
    ]);
  });

  it('knows that an embedding cannot be adapted where it is the head too, but for vLLM and PEFT', async () => {
    const adapter = await folder('embedding');
    const verdicts = (tiedHead: boolean) =>
      (['peft', 'vllm', 'llama.cpp', 'mlx'] as const).map((name) => compatibility(adapter, name, { tiedHead }).verdict);
    expect(verdicts(false)).toEqual(['taken', 'rewritten', 'rewritten', 'rewritten']);
    expect(verdicts(true)).toEqual(['taken', 'rewritten', 'strippable', 'strippable']);
  });

  it('says the least room that vLLM needs for a rank, and refuses one beyond its largest', async () => {
    const adapter = await folder('peft-adapter');
    const room = (rank: number) => compatibility({ ...adapter, config: { ...adapter.config, r: rank } }, 'vllm');
    expect([1, 2, 8, 9, 256, 257, 512].map((rank) => room(rank).maxLoraRank)).toEqual([1, 8, 8, 16, 256, 320, 512]);
    expect(room(513)).toMatchObject({ verdict: 'refused', findings: [{ feature: 'rank' }] });
    expect(room(513).maxLoraRank).toBeUndefined();
    expect(compatibility(adapter, 'peft').maxLoraRank).toBeUndefined();
  });
});

describe('prepareFor', () => {
  it('gives an adapter that is taken back as it is', async () => {
    const adapter = await folder('peft-adapter');
    for (const consumer of Object.keys(consumers) as ConsumerName[]) {
      const prepared = prepareFor(consumer, adapter);
      expect(prepared.adapter).toBe(adapter);
      expect(prepared.changes).toEqual([]);
    }
  });

  it('refuses what a consumer lacks by name, unless asked to strip it', async () => {
    const adapter = await folder('modules-to-save');
    const error = await errorOf(() => prepareFor('vllm', adapter, { given: 'poet' }));
    expect(error).toMatchObject({
      code: 'config-unsupported',
      given: expect.stringMatching(/^poet, for vLLM/),
      rule: expect.stringMatching(/saved-modules \(head\).*"classifier" and "score"/),
      fix: expect.stringContaining('--strip'),
    });
    const { adapter: rest, changes } = prepareFor('vllm', adapter, { strip: true });
    expect(rest.entries.map(({ kind, path }) => [kind, path])).toEqual([['linear', 'linear']]);
    expect(rest.config).toMatchObject({ modules_to_save: null, target_modules: ['linear'] });
    expect(changes.map(({ feature }) => feature)).toEqual(['saved-modules']);
    expect(adapter.entries).toHaveLength(2);
  });

  it('strips nothing without which the rest is another adapter', async () => {
    for (const name of ['dora', 'pissa', 'parameters']) {
      const adapter = await folder(name);
      const error = await errorOf(() => prepareFor('vllm', adapter, { strip: true }));
      expect(error).toMatchObject({ code: 'config-unsupported', fix: 'take an adapter without it' });
    }
  });

  it('strips biases on B with their flag, and convolutions with their patterns', async () => {
    const { adapter: plain } = prepareFor('vllm', await folder('lora-bias'), { strip: true });
    expect(plain.config).toMatchObject({ lora_bias: false });
    expect(plain.entries.flatMap(({ tensors }) => [...tensors.keys()])).not.toContain('lora_B.bias');
    const { config, entries, metadata } = await folder('layers');
    const patterned = { config: { ...config, rank_pattern: { conv1: 2, linear: 2 } }, entries, metadata };
    const { adapter: rest } = prepareFor('llama.cpp', patterned, { strip: true });
    expect(rest.entries.map(({ path }) => path).sort()).toEqual(['linear', 'table', 'turned']);
    expect(rest.config).toMatchObject({ rank_pattern: { linear: 2 }, target_modules: ['linear', 'table', 'turned'] });
  });

  it('refuses to strip all that there is', async () => {
    const { config, entries, metadata } = await folder('layers');
    const convolutions = { config, entries: entries.filter(({ kind }) => kind === 'conv'), metadata };
    const error = await errorOf(() => prepareFor('mlx', convolutions, { strip: true }));
    expect(error).toMatchObject({ rule: 'without convolutions nothing of it is left' });
  });
});
