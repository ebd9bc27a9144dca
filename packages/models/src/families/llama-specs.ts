import type { ModuleSpec } from '../module-spec.js';
import type { LlamaConfig } from './llama-config.js';

/** Every module of a Llama in forward order, under Hugging Face's paths. */
export function llamaSpecs(config: LlamaConfig): ModuleSpec[] {
  const { vocabSize: vocab, hiddenSize: hidden, heads, kvHeads, headDim } = config;
  const norm = (path: string): ModuleSpec => ({ path, kind: 'norm', hidden, epsilon: config.normEpsilon });
  const linear = (path: string, from: number, to: number, bias: boolean): ModuleSpec => ({
    path,
    kind: 'linear',
    in: from,
    out: to,
    bias,
  });
  const layer = (path: string): ModuleSpec[] => [
    norm(`${path}.input_layernorm`),
    linear(`${path}.self_attn.q_proj`, hidden, heads * headDim, config.qkvBias),
    linear(`${path}.self_attn.k_proj`, hidden, kvHeads * headDim, config.qkvBias),
    linear(`${path}.self_attn.v_proj`, hidden, kvHeads * headDim, config.qkvBias),
    linear(`${path}.self_attn.o_proj`, heads * headDim, hidden, config.outputBias),
    norm(`${path}.post_attention_layernorm`),
    linear(`${path}.mlp.gate_proj`, hidden, config.intermediateSize, config.mlpBias),
    linear(`${path}.mlp.up_proj`, hidden, config.intermediateSize, config.mlpBias),
    linear(`${path}.mlp.down_proj`, config.intermediateSize, hidden, config.mlpBias),
  ];
  const table = 'model.embed_tokens';
  const head: ModuleSpec = config.tiedHead
    ? { path: 'lm_head', kind: 'tied-head', in: hidden, out: vocab, table }
    : { path: 'lm_head', kind: 'linear', in: hidden, out: vocab, bias: false, head: true };
  return [
    { path: table, kind: 'embedding', vocab, hidden },
    ...Array.from({ length: config.layers }, (_, index) => layer(`model.layers.${index}`)).flat(),
    norm('model.norm'),
    head,
  ];
}
