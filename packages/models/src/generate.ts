import { LowrankError, type ForwardContext } from '@lowrank/core';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { CausalModel } from './causal-model.js';
import { checkIds } from './check-ids.js';
import { nextLogits } from './next-logits.js';
import { KvCache } from './parts/kv-cache.js';
import { sample, type SampleOptions } from './sample.js';
import { TextStream } from './text-stream.js';
import type { Tokenizer } from './tokenizer.js';

export interface GenerateOptions extends SampleOptions {
  /** What to continue; empty begins a new text. */
  prompt: string;
  /** Default 128. */
  maxNewTokens?: number;
  /** The same seed gives the same text. Default 0. */
  seed?: number;
  /** Ends the text where it is. */
  signal?: AbortSignal;
  /** Given to each forward pass, such as `manager.forRows(['poet'])`, whatever is active meanwhile. */
  context?: ForwardContext;
}

/**
 * Continues a prompt, piece by piece; joined, the pieces are the new text. Ends at an end-of-text token,
 * after `maxNewTokens`, when prompt and text fill the model's `maxPositions` (nothing slides out of sight),
 * or on abort. Whole characters only, save for one that the model itself never finished.
 *
 * Throws `config-invalid` for an option out of its range or a prompt that leaves no position free, `data-invalid`
 * for a prompt that the model has no tokens for.
 */
export async function* generate(
  model: CausalModel,
  tokenizer: Tokenizer,
  options: GenerateOptions,
): AsyncGenerator<string, void> {
  checkOptions(options);
  const prompt = promptIds(model, tokenizer, options.prompt);
  const text = new TextStream(tokenizer, prompt);
  const ends = new Set([...model.config.eosTokenIds, tokenizer.eosTokenId]);
  for await (const id of generateIds(model, prompt, options)) {
    if (ends.has(id)) break;
    const piece = text.push(id);
    if (piece) yield piece;
  }
  const rest = text.end();
  if (rest) yield rest;
}

/** The ids behind `generate`, without an end of their own but room. */
async function* generateIds(
  model: CausalModel,
  prompt: number[],
  { maxNewTokens = 128, seed = 0, signal, context, ...sampling }: GenerateOptions,
): AsyncGenerator<number, void> {
  const { maxPositions } = model.config;
  const generator = xoroshiro128plus(seed | 0);
  const cache = new KvCache();
  try {
    let next = prompt;
    const count = Math.min(maxNewTokens, maxPositions - prompt.length);
    for (let made = 0; made < count && !signal?.aborted; made++) {
      const logits = await nextLogits(model, next, { cache, context });
      const id = sample(logits, sampling, () => uniformFloat64(generator));
      yield id;
      next = [id];
      await breath();
    }
  } finally {
    cache.dispose();
  }
}

/** Lets timers, key presses and painting in between two tokens. */
const breath = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

/**
 * The ids that `generate` begins with. Throws `data-invalid` for text without tokens, `config-invalid` for an empty
 * prompt where no token begins texts, or for one that leaves no position free.
 */
export function promptIds({ config }: CausalModel, tokenizer: Tokenizer, prompt: string): number[] {
  const ids = tokenizer.encode(prompt, { specialTokens: true });
  const start = config.bosTokenId ?? tokenizer.eosTokenId;
  if (ids.length === 0 && start === undefined) {
    throw invalid('an empty prompt', 'the model has no token that begins a text', 'give at least one word');
  }
  checkIds(ids, config.vocabSize);
  if (ids.length >= config.maxPositions) {
    const rule = `the model holds ${config.maxPositions} positions, and a new token needs one`;
    throw invalid(`a prompt of ${ids.length} tokens`, rule, 'shorten the prompt');
  }
  return ids.length > 0 ? ids : [start as number];
}

function checkOptions({ maxNewTokens = 1, temperature = 1, topK = 1, topP = 1 }: GenerateOptions): void {
  const whole = (value: number) => Number.isSafeInteger(value) && value > 0;
  const rules: [boolean, string, string][] = [
    [whole(maxNewTokens), `maxNewTokens: ${maxNewTokens}`, 'it is a whole number of 1 or more'],
    [temperature >= 0 && temperature < Infinity, `temperature: ${temperature}`, 'it is finite and 0 or more'],
    [topK === Infinity || whole(topK), `topK: ${topK}`, 'it is a whole number of 1 or more'],
    [topP > 0 && topP <= 1, `topP: ${topP}`, 'it is above 0 and at most 1'],
  ];
  for (const [fits, given, rule] of rules) {
    if (!fits) throw invalid(given, rule, 'give a value that fits');
  }
}

function invalid(given: string, rule: string, fix: string): LowrankError {
  return new LowrankError('config-invalid', { given, rule, fix });
}
