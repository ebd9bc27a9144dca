import type { ForwardPass, ForwardStep } from '@lowrank/core';
import type { BertConfig } from './bert-config.js';
import { activationStep, run } from './steps.js';

/** The forward pass of a BERT, as `Bert` runs it. */
export function bertPass(config: BertConfig): ForwardPass {
  const { prefix, layers, classNames } = config;
  const embeddings = `${prefix}embeddings`;
  const head: ForwardStep[] = [
    { op: 'first-token', from: ['hidden'], to: ['first'] },
    run(`${prefix}pooler.dense`, 'first', 'pooled'),
    activationStep('tanh', 'pooled', 'state'),
    run('classifier', 'state', 'logits'),
  ];
  return {
    before: [
      run(`${embeddings}.word_embeddings`, 'ids', 'words'),
      run(`${embeddings}.token_type_embeddings`, 'ids', 'types'),
      { op: 'add', from: ['words', 'types'], to: ['sum'] },
      run(`${embeddings}.position_embeddings`, 'positions', 'places'),
      { op: 'add', from: ['sum', 'places'], to: ['embedded'] },
      run(`${embeddings}.LayerNorm`, 'embedded', 'hidden'),
    ],
    blocks: Array.from({ length: layers }, (_, layer) => block(`${prefix}encoder.layer.${layer}`, config)),
    after: classNames ? head : [],
    result: classNames ? 'logits' : 'hidden',
  };
}

function block(path: string, { heads, activation }: BertConfig): ForwardStep[] {
  const parts = { query: 'q', key: 'k', value: 'v' };
  return [
    ...Object.entries(parts).flatMap(([name, to]): ForwardStep[] => [
      run(`${path}.attention.self.${name}`, 'hidden', name),
      { op: 'split-heads', from: [name], to: [to] },
    ]),
    { op: 'attention', from: ['q', 'k', 'v'], to: ['mixed'], heads, kvHeads: heads },
    { op: 'join-heads', from: ['mixed'], to: ['joined'] },
    run(`${path}.attention.output.dense`, 'joined', 'projected'),
    { op: 'residual', from: ['hidden', 'projected'], to: ['summed'] },
    run(`${path}.attention.output.LayerNorm`, 'summed', 'attended'),
    run(`${path}.intermediate.dense`, 'attended', 'wide'),
    activationStep(activation, 'wide', 'active'),
    run(`${path}.output.dense`, 'active', 'narrow'),
    { op: 'residual', from: ['attended', 'narrow'], to: ['total'] },
    run(`${path}.output.LayerNorm`, 'total', 'hidden'),
  ];
}
