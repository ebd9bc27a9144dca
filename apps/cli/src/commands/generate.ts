import { Command, Option } from 'commander';
import { number, whole } from './number.js';
import {
  adapterHelp,
  backendOption,
  baseOption,
  jsonOption,
  offlineOption,
  quantiseOption,
  seedOption,
} from './shared-options.js';

export function generateCommand(): Command {
  return new Command('generate')
    .description('Continue a text.')
    .addOption(baseOption())
    .addOption(quantiseOption())
    .addOption(new Option('-a, --adapter <folder>', `${adapterHelp}; without one the base writes`))
    .addOption(new Option('-p, --prompt <text>', 'what to continue; empty begins a new text').default(''))
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
    .addOption(seedOption())
    .addOption(offlineOption())
    .addOption(backendOption())
    .addOption(jsonOption())
    .action(async (flags) => (await import('../run/generate.js')).runGenerate(flags));
}
