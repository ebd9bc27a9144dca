import { Command, Option } from 'commander';
import { adapterHelp, jsonOption, offlineOption } from './shared-options.js';

const programs = ['peft', 'vllm', 'llama.cpp', 'mlx'];

export function exportCommand(): Command {
  return new Command('export')
    .description('Write an adapter as another program takes it: PEFT or vLLM (a folder), llama.cpp (a .gguf), MLX-LM.')
    .addOption(new Option('-a, --adapter <folder>', adapterHelp).makeOptionMandatory())
    .addOption(new Option('--for <program>', 'who will read it').choices(programs).makeOptionMandatory())
    .addOption(
      new Option(
        '-m, --model <folder>',
        'its base: a Hugging Face folder, owner/name on the hub, a .gguf or "tiny"; checked against it. llama.cpp needs one',
      ),
    )
    .addOption(new Option('-o, --out <path>', 'the folder, or for llama.cpp the file, to write').makeOptionMandatory())
    .addOption(new Option('--strip', 'leave out what that program lacks, instead of refusing it'))
    .addOption(
      new Option('--dtype <dtype>', 'how llama.cpp’s file keeps values').choices(['F32', 'F16', 'BF16']).default('F32'),
    )
    .addOption(new Option('--overwrite', 'replace what is already there'))
    .addOption(offlineOption())
    .addOption(jsonOption())
    .action(async (flags) => (await import('../run/export.js')).runExport(flags));
}
