import { Command, Option } from 'commander';
import { whole } from './number.js';
import {
  adapterHelp,
  backendOption,
  baseOption,
  formatOption,
  jsonOption,
  labelColumnOption,
  offlineOption,
  pairColumnOption,
  quantiseOption,
  textColumnOption,
} from './shared-options.js';

export function evalCommand(): Command {
  return new Command('eval')
    .description('Measure a model, with or without an adapter: its loss on text, or how well it tells classes apart.')
    .addOption(baseOption())
    .addOption(quantiseOption())
    .addOption(new Option('-a, --adapter <folder>', `${adapterHelp}; without one the base is measured`))
    .addOption(
      new Option(
        '-d, --data <paths...>',
        'data to measure on: .txt, .md, .jsonl, .csv files or folders',
      ).makeOptionMandatory(),
    )
    .addOption(formatOption())
    .addOption(textColumnOption())
    .addOption(labelColumnOption())
    .addOption(pairColumnOption())
    .addOption(new Option('--batch <n>', 'windows or examples at once').argParser(whole()).default(8))
    .addOption(
      new Option('--sequence <n>', "most tokens a window or example (default: 256, or the model's most)").argParser(
        whole(2),
      ),
    )
    .addOption(new Option('--merge', 'merge the adapter first'))
    .addOption(offlineOption())
    .addOption(backendOption())
    .addOption(jsonOption())
    .action(async (flags) => (await import('../run/eval.js')).runEval(flags));
}
