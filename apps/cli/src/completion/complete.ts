import tab, { type Complete } from '@bomb.sh/tab';
import type { Command } from 'commander';

/** Prints what may follow the words of a command line, from the command table. */
export function complete(words: string[], root: Command): void {
  const help = root.createHelp();
  for (const command of help.visibleCommands(root)) {
    const known = tab.command(command.name(), command.description());
    for (const option of help.visibleOptions(command)) {
      const name = option.long?.slice(2);
      if (name === undefined) continue;
      const short = option.short?.slice(1);
      if (option.isBoolean()) known.option(name, option.description, ...(short ? [short] : []));
      else known.option(name, option.description, each(option.argChoices), short);
    }
    for (const argument of command.registeredArguments) {
      known.argument(argument.name(), each(argument.argChoices), argument.variadic);
    }
  }
  tab.parse(words);
}

/** Without choices the shell goes on with names of files. */
const each =
  (choices: string[] = []) =>
  (add: Complete): void =>
    choices.forEach((choice) => add(choice, ''));
