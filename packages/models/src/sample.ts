import { LowrankError } from '@lowrank/core';

export interface SampleOptions {
  /** Flattens (above 1) or sharpens (below 1) the distribution; 0 always takes the likeliest. Default 1. */
  temperature?: number;
  /** Keep only this many of the likeliest. Default: all. */
  topK?: number;
  /** Then keep only the fewest likeliest whose probabilities reach this sum. Default 1: all. */
  topP?: number;
}

/** Draws an id from logits `[vocab]`; `random` gives numbers in [0, 1). Throws `not-finite`. */
export function sample(logits: Float32Array, options: SampleOptions, random: () => number): number {
  if ((options.temperature ?? 1) === 0) return likeliest(logits);
  const probabilities = distribution(logits, options);
  let left = random();
  let last = 0;
  for (let id = 0; id < probabilities.length; id++) {
    const probability = probabilities[id] as number;
    if (probability === 0) continue;
    last = id;
    left -= probability;
    if (left < 0) return id;
  }
  return last;
}

/**
 * The probabilities `[vocab]` that `sample` draws from, for a temperature above 0: softmax of
 * `logits / temperature`, then top-k, then top-p (Holtzman et al. 2019, https://arxiv.org/abs/1904.09751),
 * scaled to sum to 1. Throws `not-finite`.
 */
export function distribution(
  logits: Float32Array,
  { temperature = 1, topK = Infinity, topP = 1 }: SampleOptions,
): Float64Array {
  const top = logits[likeliest(logits)] as number;
  const weights = Float64Array.from(logits, (logit) => Math.exp((logit - top) / temperature));
  const whole = topK >= weights.length && topP >= 1;
  return scaled(whole ? weights : only(weights, keptIds(weights, topK, topP)));
}

function keptIds(weights: Float64Array, topK: number, topP: number): number[] {
  const order = Array.from(weights.keys()).sort((a, b) => (weights[b] as number) - (weights[a] as number) || a - b);
  const best = order.slice(0, topK);
  let open = topP * best.reduce((sum, id) => sum + (weights[id] as number), 0);
  const count = best.findIndex((id) => (open -= weights[id] as number) <= 0);
  return count < 0 || topP >= 1 ? best : best.slice(0, count + 1);
}

function only(weights: Float64Array, ids: number[]): Float64Array {
  const kept = new Float64Array(weights.length);
  for (const id of ids) kept[id] = weights[id] as number;
  return kept;
}

function scaled(weights: Float64Array): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** The first of the largest. */
function likeliest(logits: Float32Array): number {
  let best = 0;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id] as number;
    if (!Number.isFinite(logit)) throw notFinite(id, logit);
    if (logit > (logits[best] as number)) best = id;
  }
  return best;
}

function notFinite(id: number, logit: number): LowrankError {
  return new LowrankError('not-finite', {
    given: `logit ${logit} of token ${id}`,
    rule: 'a model must give finite logits to draw from',
    fix: 'look for a diverged adapter: switch it off, or train it again with a lower learning rate',
  });
}
