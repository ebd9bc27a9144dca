import { Command, Option } from 'commander';
import { energyOption, outOption, overwriteOption, rankOption } from './arithmetic-options.js';
import { jsonOption, modelHelp, offlineOption } from './shared-options.js';
import { nameList, targets } from './targets.js';

export function extractCommand(): Command {
  return new Command('extract')
    .description('Write the adapter that takes a model to one tuned from it, a matrix of each in memory at a time.')
    .addOption(new Option('--base <model>', modelHelp).makeOptionMandatory())
    .addOption(new Option('--tuned <model>', 'the model tuned from it, in the same forms').makeOptionMandatory())
    .addOption(rankOption())
    .addOption(energyOption())
    .addOption(
      new Option('-t, --targets <names>', 'modules to adapt: names with commas, /an expression/ or all-linear')
        .argParser(targets)
        .default('all-linear'),
    )
    .addOption(new Option('--exclude <names>', 'modules to leave out, in the same forms').argParser(nameList))
    .addOption(
      new Option('--modules-to-save <names>', 'modules to bring whole, with commas, such as classifier').argParser(
        (text: string) => [nameList(text)].flat(),
      ),
    )
    .addOption(
      new Option('--bias <which>', "which of the tuned model's biases to bring").choices(['none', 'lora_only', 'all']),
    )
    .addOption(outOption())
    .addOption(overwriteOption())
    .addOption(offlineOption())
    .addOption(jsonOption())
    .action(async (flags) => (await import('../run/extract.js')).runExtract(flags));
}
