import type { ForwardPass, ForwardStep } from '@lowrank/core';
import type { LlamaConfig } from './llama-config.js';
import { run } from './steps.js';

/** The forward pass of a model of the Llama architecture, as `Llama` runs it. */
export function llamaPass(config: LlamaConfig): ForwardPass {
  return {
    before: [run('model.embed_tokens', 'ids', 'hidden')],
    blocks: Array.from({ length: config.layers }, (_, layer) => block(`model.layers.${layer}`, config)),
    after: [run('model.norm', 'hidden', 'last'), run('lm_head', 'last', 'logits')],
    result: 'logits',
  };
}

function block(path: string, { heads, kvHeads }: LlamaConfig): ForwardStep[] {
  const attention = `${path}.self_attn`;
  const mlp = `${path}.mlp`;
  return [
    run(`${path}.input_layernorm`, 'hidden', 'normal'),
    run(`${attention}.q_proj`, 'normal', 'query'),
    { op: 'split-heads', from: ['query'], to: ['q'] },
    run(`${attention}.k_proj`, 'normal', 'key'),
    { op: 'split-heads', from: ['key'], to: ['k'] },
    run(`${attention}.v_proj`, 'normal', 'value'),
    { op: 'split-heads', from: ['value'], to: ['v'] },
    { op: 'rotary', from: ['k'], to: ['turnedK'] },
    { op: 'rotary', from: ['q'], to: ['turnedQ'] },
    { op: 'attention', from: ['turnedQ', 'turnedK', 'v'], to: ['mixed'], heads, kvHeads, causal: true },
    { op: 'join-heads', from: ['mixed'], to: ['joined'] },
    run(`${attention}.o_proj`, 'joined', 'projected'),
    { op: 'residual', from: ['hidden', 'projected'], to: ['attended'] },
    run(`${path}.post_attention_layernorm`, 'attended', 'normal2'),
    run(`${mlp}.gate_proj`, 'normal2', 'gate'),
    run(`${mlp}.up_proj`, 'normal2', 'up'),
    { op: 'swiglu', from: ['gate', 'up'], to: ['active'] },
    run(`${mlp}.down_proj`, 'active', 'narrow'),
    { op: 'residual', from: ['attended', 'narrow'], to: ['hidden'] },
  ];
}
