import { Command, Option } from 'commander';
import { jsonOption, modelHelp, offlineOption } from './shared-options.js';

export function inspectCommand(): Command {
  return new Command('inspect')
    .description(
      'Say what a file or folder holds: an adapter, who else can run it and how large each update is; a model; tensors.',
    )
    .argument(
      '<path>',
      'a PEFT, MLX-LM or Hugging Face folder, a .gguf or .safetensors file, owner/name on the hub, or "tiny"',
    )
    .addOption(new Option('-m, --model <folder>', `with an adapter: the base that it must fit: ${modelHelp}`))
    .addOption(offlineOption())
    .addOption(jsonOption())
    .action(async (path, flags) => (await import('../run/inspect.js')).runInspect({ path, ...flags }));
}
