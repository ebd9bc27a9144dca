import { Command } from 'commander';
import { adapterHelp, jsonOption, offlineOption } from './shared-options.js';

export function compareCommand(): Command {
  return new Command('compare')
    .description('Say how two adapters of one base differ: norms, cosine and spread of their updates, by module.')
    .argument('<first>', adapterHelp)
    .argument('<second>', adapterHelp)
    .addOption(offlineOption())
    .addOption(jsonOption())
    .action(async (first, second, flags) =>
      (await import('../run/compare.js')).runCompare({ first, second, ...flags }),
    );
}
