import { Command } from 'commander';
import { jsonOption, offlineOption } from './shared-options.js';

export function inspectCommand(): Command {
  return new Command('inspect')
    .description('Say what a folder holds: an adapter (config, ranks, size of each update) or a model (its modules).')
    .argument('<folder>', 'a PEFT folder, a Hugging Face folder, owner/name on the hub, or "tiny"')
    .addOption(offlineOption())
    .addOption(jsonOption())
    .action(async (folder, flags) => (await import('../run/inspect.js')).runInspect({ folder, ...flags }));
}
