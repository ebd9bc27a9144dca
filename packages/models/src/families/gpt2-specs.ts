import type { ModuleSpec } from '../module-spec.js';
import type { Gpt2Config } from './gpt2-config.js';

/** Every module of a GPT-2 in forward order, under Hugging Face's paths. Its linears are Conv1Ds but for the head. */
export function gpt2Specs(config: Gpt2Config): ModuleSpec[] {
  const { vocabSize: vocab, hiddenSize: hidden, innerSize } = config;
  const norm = (path: string): ModuleSpec => ({ path, kind: 'layer-norm', hidden, epsilon: config.normEpsilon });
  const conv = (path: string, from: number, to: number): ModuleSpec => ({
    path,
    kind: 'linear',
    in: from,
    out: to,
    bias: true,
    fanInFanOut: true,
  });
  const layer = (path: string): ModuleSpec[] => [
    norm(`${path}.ln_1`),
    conv(`${path}.attn.c_attn`, hidden, 3 * hidden),
    conv(`${path}.attn.c_proj`, hidden, hidden),
    norm(`${path}.ln_2`),
    conv(`${path}.mlp.c_fc`, hidden, innerSize),
    conv(`${path}.mlp.c_proj`, innerSize, hidden),
  ];
  const table = 'transformer.wte';
  const head: ModuleSpec = config.tiedHead
    ? { path: 'lm_head', kind: 'tied-head', in: hidden, out: vocab, table }
    : { path: 'lm_head', kind: 'linear', in: hidden, out: vocab, bias: false, head: true };
  return [
    { path: table, kind: 'embedding', vocab, hidden },
    { path: 'transformer.wpe', kind: 'embedding', vocab: config.maxPositions, hidden },
    ...Array.from({ length: config.layers }, (_, index) => layer(`transformer.h.${index}`)).flat(),
    norm('transformer.ln_f'),
    head,
  ];
}
