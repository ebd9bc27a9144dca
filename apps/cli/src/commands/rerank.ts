import { Command } from 'commander';
import { energyOption, outOption, overwriteOption, rankOption } from './arithmetic-options.js';
import { adapterHelp, jsonOption, offlineOption } from './shared-options.js';

export function rerankCommand(): Command {
  return new Command('rerank')
    .description('Write an adapter cut to a smaller rank, and say what each module loses; no model is loaded.')
    .argument('<adapter>', adapterHelp)
    .addOption(rankOption())
    .addOption(energyOption())
    .addOption(outOption())
    .addOption(overwriteOption())
    .addOption(offlineOption())
    .addOption(jsonOption())
    .action(async (adapter, flags) => (await import('../run/rerank.js')).runRerank({ adapter, ...flags }));
}
