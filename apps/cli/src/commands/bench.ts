import { Command, Option } from 'commander';
import { whole } from './number.js';
import {
  addLoraOptions,
  backendOption,
  jsonOption,
  modelHelp,
  offlineOption,
  quantiseOption,
} from './shared-options.js';

export function benchCommand(): Command {
  const command = new Command('bench')
    .description('Measure training steps of a model here, on random tokens: ms a step, tokens/s, peak memory.')
    .addOption(new Option('-m, --model <folder>', modelHelp).makeOptionMandatory())
    .addOption(quantiseOption());
  return addLoraOptions(command)
    .addOption(new Option('--batch <n>', 'rows at once').argParser(whole()).default(8))
    .addOption(
      new Option('--sequence <n>', "tokens of each row (default: 256, or the model's most)").argParser(whole(2)),
    )
    .addOption(
      new Option('--steps <n>', 'steps that are measured, after two to warm up').argParser(whole()).default(10),
    )
    .addOption(offlineOption())
    .addOption(backendOption())
    .addOption(jsonOption())
    .action(async (flags) => (await import('../run/bench.js')).runBench(flags));
}
