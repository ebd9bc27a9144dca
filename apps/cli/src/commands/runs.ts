import { Command, Option } from 'commander';
import { jsonOption } from './shared-options.js';

export function runsCommand(): Command {
  return new Command('runs')
    .description('List and compare runs of lowrank train: how each went, and by what options they differ.')
    .argument('[folders...]', 'runs, or folders with some in them (default: here)')
    .addOption(new Option('--html <file>', 'write a report with plots and samples too, one file that needs no other'))
    .addOption(jsonOption())
    .action(async (folders, flags) => (await import('../run/runs.js')).runRuns({ folders, ...flags }));
}
