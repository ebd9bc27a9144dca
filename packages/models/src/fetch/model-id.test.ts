import { describe, errorOf, expect, it } from '@lowrank/testing';
import { isModelId } from '@lowrank/models';
import { modelId } from './model-id.js';

describe('modelId', () => {
  it('reads owner, name, revision and file', () => {
    expect(modelId('org/name')).toEqual({ repo: 'org/name' });
    expect(modelId('o-1/n.2_x@refs/pr/3')).toEqual({ repo: 'o-1/n.2_x', revision: 'refs/pr/3' });
    expect(modelId('org/name/q4/x.gguf@v1')).toEqual({ repo: 'org/name', file: 'q4/x.gguf', revision: 'v1' });
  });

  const wrong = [
    'gpt2',
    '',
    '/a/b',
    './a/b',
    '../a',
    'a/b/',
    'a/..',
    'a--b/c',
    '-a/b',
    'a/b.',
    'a/b/c',
    'a/b/../c.gguf',
    'a/b@',
    'a/b@../x',
    'a/b@a b',
    'a\\b/c',
    'C:/a',
    'a/b?x',
    'a/b#c',
    `a/${'b'.repeat(100)}`,
  ];
  for (const text of wrong) {
    it(`refuses ${text.slice(0, 20)}`, async () => {
      expect(await errorOf(() => modelId(text))).toMatchObject({ code: 'config-invalid', given: JSON.stringify(text) });
      expect(isModelId(text)).toBe(false);
    });
  }
});
