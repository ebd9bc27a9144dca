import { Command, Option } from 'commander';
import { addSamplingOptions } from './sampling-options.js';
import { adapterHelp, backendOption, baseOption, jsonOption, offlineOption, quantiseOption } from './shared-options.js';

export function chatCommand(): Command {
  const command = new Command('chat')
    .description('Talk with a model by its chat template: a line is a turn, on a terminal or on stdin.')
    .addOption(baseOption())
    .addOption(quantiseOption())
    .addOption(new Option('-a, --adapter <folder>', `${adapterHelp}; without one the base answers`))
    .addOption(new Option('--system <text>', 'what the conversation begins with'));
  return addSamplingOptions(command)
    .addOption(offlineOption())
    .addOption(backendOption())
    .addOption(jsonOption())
    .addHelpText('after', '\n/reset forgets the conversation, /exit or Ctrl-D ends it, Ctrl-C ends an answer.')
    .action(async (flags) => (await import('../run/chat.js')).runChat(flags));
}
