import { planAdapter, type LoraConfigInput, type ModuleInfo } from '@lowrank/core';
import { describe, expect, it } from '@lowrank/testing';

const modules: ModuleInfo[] = [
  { path: 'bert.word_embeddings', kind: 'embedding', in: 9, out: 4, parameters: 36, bytes: 144 },
  { path: 'bert.position_embeddings', kind: 'embedding', in: 5, out: 4, parameters: 20, bytes: 80 },
  { path: 'bert.query', kind: 'linear', in: 4, out: 6, parameters: 24, bytes: 96 },
  {
    path: 'head',
    kind: 'tied-head',
    in: 4,
    out: 9,
    head: true,
    table: 'bert.word_embeddings',
    parameters: 0,
    bytes: 0,
  },
];

const extras = (trainableTokenIndices: LoraConfigInput['trainableTokenIndices'], more: Partial<LoraConfigInput> = {}) =>
  planAdapter({ rank: 2, targetModules: ['query'], trainableTokenIndices, ...more }, modules).extras;

describe('rows of a table', () => {
  it('are of the first embedding where only ids are given, and change the head that reads it', () => {
    expect(extras([8, 0])).toEqual([
      { path: 'bert.word_embeddings', kind: 'embedding', trains: 'rows', parameters: 8, tokens: [8, 0] },
      { path: 'head', kind: 'tied-head', trains: 'tied-rows', parameters: 0, table: 'bert.word_embeddings' },
    ]);
  });

  it('are of the embedding that is named', () => {
    expect(extras({ position_embeddings: [4] }).map(({ path, parameters }) => [path, parameters])).toEqual([
      ['bert.position_embeddings', 4],
    ]);
  });

  const refusals: [string, () => unknown, string, RegExp][] = [
    ['beyond the table', () => extras([9]), 'config-invalid', /token 9 of "bert\.word_embeddings".*9 rows/],
    ['named twice', () => extras([3, 3]), 'config-invalid', /token 3.*twice/],
    [
      'of no embedding',
      () => extras({ word_embedding: [1] }),
      'target-not-found',
      /nearest here: bert\.word_embeddings/,
    ],
    ['of a whole module', () => extras([1], { modulesToSave: ['word_embeddings'] }), 'config-invalid', /trained whole/],
    ['of an adapted one', () => extras([1], { targetModules: ['word_embeddings'] }), 'config-invalid', /has factors/],
    ['that are none', () => extras([]), 'config-invalid', /trainableTokenIndices/],
    ['of half an id', () => extras([0.5]), 'config-invalid', /trainableTokenIndices/],
  ];
  for (const [name, act, code, message] of refusals) {
    it(`are refused ${name}`, () => {
      expect(act).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
    });
  }
});

describe('factors of a table', () => {
  it('are counted by its rows and width', () => {
    const plan = planAdapter({ rank: 2, targetModules: ['word_embeddings'], useDora: true }, modules);
    expect(plan.modules).toMatchObject([{ kind: 'embedding', in: 9, out: 4, parameters: 2 * (9 + 4) + 4 }]);
  });

  it('take no bias on B, and are not part of all-linear', () => {
    const config = { targetModules: ['word_embeddings'], loraBias: true };
    expect(() => planAdapter(config, modules)).toThrow(/loraBias with target "bert\.word_embeddings"/);
    expect(planAdapter({ targetModules: 'all-linear' }, modules).modules.map(({ path }) => path)).toEqual([
      'bert.query',
    ]);
  });
});
