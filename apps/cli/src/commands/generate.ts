import { Command, Option } from 'commander';
import { addSamplingOptions } from './sampling-options.js';
import { adapterHelp, backendOption, baseOption, jsonOption, offlineOption, quantiseOption } from './shared-options.js';

export function generateCommand(): Command {
  const command = new Command('generate')
    .description('Continue a text.')
    .addOption(baseOption())
    .addOption(quantiseOption())
    .addOption(new Option('-a, --adapter <folder>', `${adapterHelp}; without one the base writes`))
    .addOption(new Option('-p, --prompt <text>', 'what to continue; empty begins a new text').default(''));
  return addSamplingOptions(command)
    .addOption(offlineOption())
    .addOption(backendOption())
    .addOption(jsonOption())
    .action(async (flags) => (await import('../run/generate.js')).runGenerate(flags));
}
