import { loraTensorName, parseLoraTensorName, parseTensorName } from '@lowrank/core';
import { describe, expect, it } from '@lowrank/testing';

describe('canonical names', () => {
  it.each([
    ['lora_A', 'layer.0.query.lora_A.weight'],
    ['lora_B', 'layer.0.query.lora_B.weight'],
    ['lora_B.bias', 'layer.0.query.lora_B.bias'],
    ['lora_magnitude_vector', 'layer.0.query.lora_magnitude_vector'],
    ['lora_embedding_A', 'layer.0.query.lora_embedding_A'],
    ['lora_embedding_B', 'layer.0.query.lora_embedding_B'],
    ['trainable_tokens_delta', 'layer.0.query.token_adapter.trainable_tokens_delta'],
    ['weight', 'layer.0.query.weight'],
    ['bias', 'layer.0.query.bias'],
  ] as const)('say the path and that the tensor is its %s', (role, name) => {
    expect(loraTensorName('layer.0.query', role)).toBe(name);
    expect(parseTensorName(name)).toEqual({ path: 'layer.0.query', role });
    const factor = role === 'lora_A' || role === 'lora_B';
    expect(parseLoraTensorName(name)).toEqual(factor ? { path: 'layer.0.query', role } : undefined);
  });

  it('are none without a path, or with another end', () => {
    for (const name of ['.lora_A.weight', 'weight', 'layer.running_mean', '']) {
      expect(parseTensorName(name)).toBeUndefined();
    }
  });
});
