import { Command, Option } from 'commander';
import { recordWritten } from './written.js';

/** What a config file cannot hold: where it is, and whether it is shown. */
export const aboutConfig = ['config', 'printConfig'];

/** Gives a command `--config` and `--print-config`; its other options are the keys of its config file. */
export function addConfigOptions(command: Command): Command {
  command
    .addOption(new Option('--config <file>', 'options from a .yaml, .json or .ts file; what is typed wins'))
    .addOption(new Option('--print-config', 'show the options and where each is from, and do nothing else'));
  return recordWritten(command);
}

/** The options of a command that its config file may hold. */
export function configKeys(command: Command): Map<string, Option> {
  const options = command.options.map((option) => [option.attributeName(), option] as const);
  return new Map(options.filter(([key]) => !aboutConfig.includes(key)));
}
