import { Command, Option } from 'commander';
import { jsonOption, offlineOption } from './shared-options.js';

export function importCommand(): Command {
  return new Command('import')
    .description('Write an adapter of llama.cpp (a .gguf) or MLX-LM (a folder) as a PEFT folder, which lowrank reads.')
    .argument('<adapter>', 'a .gguf file or an MLX-LM folder')
    .addOption(
      new Option(
        '-m, --model <folder>',
        'its base: a Hugging Face folder, owner/name on the hub, a .gguf or "tiny"; a Llama’s .gguf needs one',
      ),
    )
    .addOption(new Option('-o, --out <folder>', 'the folder to write').makeOptionMandatory())
    .addOption(new Option('--overwrite', 'replace an adapter that is already there'))
    .addOption(offlineOption())
    .addOption(jsonOption())
    .action(async (adapter, flags) => (await import('../run/import.js')).runImport({ adapter, ...flags }));
}
