import { Argument, Command } from 'commander';

const shells = ['bash', 'zsh', 'fish'];

export function completionCommand(): Command {
  return new Command('completion')
    .description('Print a script that completes commands, options and their values in a shell.')
    .addArgument(new Argument('<shell>', 'whose script').choices(shells))
    .addHelpText('after', use)
    .action(async (shell) => (await import('@bomb.sh/tab')).script(shell, 'lowrank', 'lowrank'));
}

/** What the scripts of `lowrank completion` ask. */
export function completeCommand(): Command {
  return new Command('complete')
    .argument('[words...]')
    .allowUnknownOption()
    .action(async (words, _, command: Command) =>
      (await import('../completion/complete.js')).complete(words, command.parent as Command),
    );
}

const use = `
bash: lowrank completion bash >> ~/.bashrc
zsh:  lowrank completion zsh > "\${fpath[1]}/_lowrank"
fish: lowrank completion fish > ~/.config/fish/completions/lowrank.fish`;
