import type { ForwardPass, ForwardStep } from '@lowrank/core';
import type { Gpt2Config } from './gpt2-config.js';
import { activationStep, run } from './steps.js';

/** The forward pass of a GPT-2, as `Gpt2` runs it. */
export function gpt2Pass(config: Gpt2Config): ForwardPass {
  return {
    before: [
      run('transformer.wte', 'ids', 'words'),
      run('transformer.wpe', 'positions', 'places'),
      { op: 'add', from: ['words', 'places'], to: ['hidden'] },
    ],
    blocks: Array.from({ length: config.layers }, (_, layer) => block(layer, config)),
    after: [run('transformer.ln_f', 'hidden', 'last'), run('lm_head', 'last', 'logits')],
    result: 'logits',
  };
}

function block(layer: number, config: Gpt2Config): ForwardStep[] {
  const path = `transformer.h.${layer}`;
  const { heads } = config;
  const scale: ForwardStep[] = scoreFactor(config, layer) === 1 ? [] : [{ op: 'scale', from: ['q'], to: ['q'] }];
  return [
    run(`${path}.ln_1`, 'hidden', 'normal'),
    run(`${path}.attn.c_attn`, 'normal', 'qkv'),
    { op: 'split', from: ['qkv'], to: ['query', 'key', 'value'] },
    { op: 'split-heads', from: ['query'], to: ['q'] },
    { op: 'split-heads', from: ['key'], to: ['k'] },
    { op: 'split-heads', from: ['value'], to: ['v'] },
    ...scale,
    { op: 'attention', from: ['q', 'k', 'v'], to: ['mixed'], heads, kvHeads: heads, causal: true },
    { op: 'join-heads', from: ['mixed'], to: ['joined'] },
    run(`${path}.attn.c_proj`, 'joined', 'projected'),
    { op: 'residual', from: ['hidden', 'projected'], to: ['attended'] },
    run(`${path}.ln_2`, 'attended', 'normal2'),
    run(`${path}.mlp.c_fc`, 'normal2', 'wide'),
    activationStep(config.activation, 'wide', 'active'),
    run(`${path}.mlp.c_proj`, 'active', 'narrow'),
    { op: 'residual', from: ['attended', 'narrow'], to: ['hidden'] },
  ];
}

/** Attention divides scores by the root of a head's size; here is what a config's own scale differs by. */
export function scoreFactor({ hiddenSize, heads, scaleByHeadSize, scaleByLayer }: Gpt2Config, layer: number): number {
  return (scaleByHeadSize ? 1 : Math.sqrt(hiddenSize / heads)) / (scaleByLayer ? layer + 1 : 1);
}
