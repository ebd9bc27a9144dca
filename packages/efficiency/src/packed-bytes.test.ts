import type { BlockFormat } from '@lowrank/core';
import { presetOutline } from '@lowrank/models';
import { describe, expect, it } from '@lowrank/testing';
import { packedOutline } from './packed-bytes.js';

describe('a base packed in thought', () => {
  for (const format of ['int8', 'nf4', 'q4', 'f16', 'bf16'] satisfies BlockFormat[]) {
    it(`takes what it takes when it is loaded so: ${format}`, () => {
      for (const name of ['gpt2', 'smollm2-135m', 'bert-base'] as const) {
        expect(packedOutline(presetOutline(name), format)).toEqual(presetOutline(name, { quantise: format }));
      }
    });
  }

  it('takes in bf16 2 bytes a value of its matrices, and 4 a row', () => {
    const { modules } = packedOutline(presetOutline('smollm2-135m'), 'bf16');
    const q = modules.find(({ path }) => path === 'model.layers.0.self_attn.q_proj');
    expect(q?.bytes).toBe(2 * 576 * 576 + 4 * 576);
  });
});
