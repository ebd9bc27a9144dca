import { nextLogits, promptIds, type CausalModel, type Tokenizer } from '@lowrank/models';
import type { NextToken } from '../messages.js';

const shown = 5;

/** The likeliest tokens after a prompt, and their log-probabilities: `logit − log Σ exp(logits)`. */
export async function nextTokens(model: CausalModel, tokenizer: Tokenizer, prompt: string): Promise<NextToken[]> {
  const logits = await nextLogits(model, promptIds(model, tokenizer, prompt));
  const top = logits.reduce((most, logit) => Math.max(most, logit), -Infinity);
  const whole = top + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - top), 0));
  const order = Array.from(logits.keys()).sort((a, b) => logits[b]! - logits[a]! || a - b);
  return order.slice(0, shown).map((id) => ({ text: tokenizer.decode([id]), logProbability: logits[id]! - whole }));
}
