import type { Command } from 'commander';

/** What a shell needs to know of a command. */
export interface KnownCommand {
  name: string;
  about: string;
  options: KnownOption[];
  /** What its arguments may be, where that is a closed list. */
  choices: string[];
}

export interface KnownOption {
  /** The short one first, where there is one. */
  flags: string[];
  about: string;
  takesValue: boolean;
  choices: string[];
}

/** The command table as plain data. */
export function knownCommands(root: Command): KnownCommand[] {
  const help = root.createHelp();
  return help
    .visibleCommands(root)
    .filter((command) => command.name() !== 'help')
    .map((command) => ({
      name: command.name(),
      about: command.description(),
      choices: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
      options: help.visibleOptions(command).map((option) => ({
        flags: [option.short, option.long].filter((flag) => flag !== undefined),
        about: option.description,
        takesValue: option.required || option.optional,
        choices: option.argChoices ?? [],
      })),
    }));
}
