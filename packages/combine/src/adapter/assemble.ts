import { LowrankError, type Adapter, type LoraConfig, type PlainTensor } from '@lowrank/core';
import { tensorsOf, type Update } from './update.js';

/**
 * An adapter of these updates, then these other tensors. Where the config says biases on B, a linear without one gets
 * zeros. Throws `not-finite` where a value is beyond float32, `config-unsupported` for such biases beside an embedding.
 */
export function assemble(config: LoraConfig, updates: Update[], others: Map<string, PlainTensor>): Adapter {
  const tensors: Adapter['tensors'] = new Map();
  for (const update of updates) {
    const { path, kind, right } = update;
    const { a, b } = tensorsOf(update);
    tensors.set(kind === 'embedding' ? `${path}.lora_embedding_A` : `${path}.lora_A.weight`, a);
    tensors.set(kind === 'embedding' ? `${path}.lora_embedding_B` : `${path}.lora_B.weight`, b);
    if (!config.loraBias) continue;
    if (kind === 'embedding') throw biasBeside(path);
    const data = Float32Array.from(update.bias ?? new Float64Array(right.columns));
    tensors.set(`${path}.lora_B.bias`, { shape: [right.columns], data });
  }
  for (const [name, { data }] of tensors) checkFinite(name, data);
  for (const [name, tensor] of others) tensors.set(name, tensor);
  return { config, tensors };
}

function checkFinite(name: string, data: Float32Array): void {
  if (data.every(Number.isFinite)) return;
  throw new LowrankError('not-finite', {
    given: `"${name}" of the result`,
    rule: 'a value is beyond what float32 holds',
    fix: 'give smaller weights',
  });
}

function biasBeside(path: string): LowrankError {
  return new LowrankError('config-unsupported', {
    given: `biases on B (loraBias) beside "${path}"`,
    rule: 'that is an embedding, which takes none, and a config says it for all modules',
    fix: 'combine adapters without embeddings, or without loraBias',
  });
}
