import type { Command, Option } from 'commander';

/** What a config file cannot hold: where it is, and whether it is shown. */
const aboutConfig = ['config', 'printConfig'];

/** The options of a command that its config file may hold. */
export function configKeys(command: Command): Map<string, Option> {
  const options = command.options.map((option) => [option.attributeName(), option] as const);
  return new Map(options.filter(([key]) => !aboutConfig.includes(key)));
}
