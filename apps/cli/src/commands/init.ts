import { Command, Option } from 'commander';
import { overwriteOption } from './arithmetic-options.js';
import { trainCommand } from './train.js';

/** What a guided start asks for; each is an option of `train`. */
const asked = ['model', 'data', 'out', 'rank', 'epochs', 'sample'];

export function initCommand(): Command {
  const command = new Command('init')
    .description(
      'Write a commented config for lowrank train: asks on a terminal, and takes options where there is none.',
    )
    .addOption(new Option('--file <path>', 'the file to write').default('lowrank.yaml'))
    .addOption(new Option('-y, --yes', 'ask nothing: what is not given takes its default'))
    .addOption(overwriteOption());
  for (const option of trainCommand().options) {
    if (!asked.includes(option.attributeName())) continue;
    option.makeOptionMandatory(false).default(undefined);
    command.addOption(option);
  }
  return command
    .addOption(new Option('--json', 'one JSON object a line on stdout, everything else on stderr'))
    .action(async (flags) => (await import('../run/init.js')).runInit(flags));
}
