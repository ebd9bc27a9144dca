import { promptIds, type CausalModel, type Tokenizer } from '@lowrank/models';
import { reshape, slice, tensor2d, tidy, type Tensor } from '@tensorflow/tfjs-core';
import type { NextToken } from '../messages.js';

const shown = 5;

/** The likeliest tokens after a prompt, and their log-probabilities: `logit − log Σ exp(logits)`. */
export async function nextTokens(model: CausalModel, tokenizer: Tokenizer, prompt: string): Promise<NextToken[]> {
  const ids = promptIds(model, tokenizer, prompt);
  const last: Tensor = tidy(() => {
    const logits = model.forward(tensor2d(ids, [1, ids.length], 'int32'));
    return reshape(slice(logits, [0, ids.length - 1, 0], [1, 1, -1]), [-1]);
  });
  try {
    const logits = (await last.data()) as Float32Array;
    const top = logits.reduce((most, logit) => Math.max(most, logit), -Infinity);
    const whole = top + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - top), 0));
    const order = Array.from(logits.keys()).sort((a, b) => logits[b]! - logits[a]! || a - b);
    return order.slice(0, shown).map((id) => ({ text: tokenizer.decode([id]), logProbability: logits[id]! - whole }));
  } finally {
    last.dispose();
  }
}
