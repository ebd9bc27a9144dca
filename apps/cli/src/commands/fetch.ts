import { Command, Option } from 'commander';
import { jsonOption, offlineOption } from './shared-options.js';

export function fetchCommand(): Command {
  return new Command('fetch')
    .description("Bring a model or an adapter from the hub into Hugging Face's cache and say where it lies.")
    .argument('<id>', 'owner/name, owner/name@revision or owner/name/file.gguf')
    .addOption(new Option('--file <paths...>', 'exactly these files, instead of those that lowrank needs'))
    .addOption(offlineOption())
    .addOption(jsonOption())
    .action(async (id, flags) => (await import('../run/fetch.js')).runFetch({ id, ...flags }));
}
