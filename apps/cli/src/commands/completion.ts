import { Argument, Command } from 'commander';

const shells = ['bash', 'zsh', 'fish'];

export function completionCommand(): Command {
  return new Command('completion')
    .description('Print a script that completes commands, options and their values in a shell.')
    .addArgument(new Argument('<shell>', 'whose script').choices(shells))
    .addHelpText('after', use)
    .action(async (shell: 'bash' | 'zsh' | 'fish', _, command: Command) => {
      const scripts = await import('../completion/scripts.js');
      process.stdout.write(scripts[shell](command.parent as Command));
    });
}

const use = `
bash: lowrank completion bash >> ~/.bashrc
zsh:  lowrank completion zsh > "\${fpath[1]}/_lowrank"
fish: lowrank completion fish > ~/.config/fish/completions/lowrank.fish`;
