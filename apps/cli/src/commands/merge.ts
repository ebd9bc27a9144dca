import { Command, Option } from 'commander';
import { number } from './number.js';
import { adapterHelp, backendOption, baseOption, jsonOption, offlineOption, quantiseOption } from './shared-options.js';

export function mergeCommand(): Command {
  return new Command('merge')
    .description('Write a model with an adapter merged into its weights, as a Hugging Face folder.')
    .addOption(baseOption())
    .addOption(quantiseOption())
    .addOption(new Option('-a, --adapter <folder>', adapterHelp).makeOptionMandatory())
    .addOption(new Option('-o, --out <folder>', 'the folder to write').makeOptionMandatory())
    .addOption(new Option('--dtype <dtype>', 'how weights are stored').choices(['F32', 'F16', 'BF16']).default('F32'))
    .addOption(
      new Option('--max-shard-size <gb>', 'split weights into files of at most so many GB').argParser(
        number({ from: 0, above: true }),
      ),
    )
    .addOption(new Option('--overwrite', 'replace a model that is already there'))
    .addOption(offlineOption())
    .addOption(backendOption())
    .addOption(jsonOption())
    .action(async (flags) => (await import('../run/merge.js')).runMerge(flags));
}
