import { Option, type Command } from 'commander';
import { number, whole } from './number.js';
import { seedOption } from './shared-options.js';

/** How a text is written, token by token. */
export function addSamplingOptions(command: Command): Command {
  return command
    .addOption(new Option('-n, --max-tokens <n>', 'most tokens to write').argParser(whole()).default(128))
    .addOption(
      new Option('--temperature <t>', 'flattens above 1, sharpens below, 0 takes the likeliest')
        .argParser(number({ from: 0 }))
        .default(0.8),
    )
    .addOption(
      new Option('--top-p <p>', 'draw from the fewest tokens that reach this probability')
        .argParser(number({ from: 0, above: true, to: 1 }))
        .default(0.95),
    )
    .addOption(new Option('--top-k <n>', 'draw from this many of the likeliest').argParser(whole()))
    .addOption(seedOption());
}

export interface SamplingFlags {
  maxTokens: number;
  temperature: number;
  topP: number;
  topK?: number;
  seed: number;
}

/** The same as `generate` of `@lowrank/models` takes them. */
export function samplingOf({ maxTokens, temperature, topP, topK, seed }: SamplingFlags) {
  return { maxNewTokens: maxTokens, temperature, topP, seed, ...(topK === undefined ? {} : { topK }) };
}
