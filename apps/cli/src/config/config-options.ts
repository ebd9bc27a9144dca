import { Option, type Command } from 'commander';
import { recordWritten } from './written.js';

/** Gives a command `--config` and `--print-config`; its other options are the keys of its config file. */
export function addConfigOptions(command: Command): Command {
  command
    .addOption(new Option('--config <file>', 'options from a .yaml, .json or .ts file; what is typed wins'))
    .addOption(new Option('--print-config', 'show the options and where each is from, and do nothing else'));
  return recordWritten(command);
}
