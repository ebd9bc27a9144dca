import { Command } from 'commander';
import { addLoraOptions, jsonOption, modelOption, offlineOption, quantiseOption } from './shared-options.js';

export function planCommand(): Command {
  const command = new Command('plan')
    .description('Say what an adapter would cost, from config.json and the weights’ header alone.')
    .addOption(modelOption())
    .addOption(quantiseOption());
  return addLoraOptions(command)
    .addOption(offlineOption())
    .addOption(jsonOption())
    .action(async (flags) => (await import('../run/plan.js')).runPlan(flags));
}
