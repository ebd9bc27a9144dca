import { Command, Option } from 'commander';
import { backendNames } from '../inputs/backend-names.js';
import type { Precision } from '../run/plan.js';
import { byteCount } from './byte-count.js';
import { whole } from './number.js';
import { addLoraOptions, jsonOption, modelHelp, offlineOption, quantiseOption } from './shared-options.js';

export function planCommand(): Command {
  const command = new Command('plan')
    .description('Say what an adapter would cost, from a preset, a config.json or the header of weights alone.')
    .addOption(new Option('-m, --model <model>', planModelHelp).makeOptionMandatory())
    .addOption(quantiseOption());
  return addLoraOptions(command)
    .addOption(new Option('--batch <n>', 'rows at once').argParser(whole()).default(8))
    .addOption(
      new Option('--sequence <n>', "tokens of each row (default: 256, or the model's most)").argParser(whole()),
    )
    .addOption(
      new Option('--memory <size>', 'what there is for training, such as 8GiB: says what fits').argParser(byteCount),
    )
    .addOption(
      new Option('--backend <name>', 'whose kernels decide what a step keeps').choices(backendNames).default('wasm'),
    )
    .addOption(
      new Option(
        '--precision <type>',
        "what activations are kept in: lowrank's backends keep float32, float16 says what others would need",
      )
        .choices(['float32', 'float16'] satisfies Precision[])
        .default('float32'),
    )
    .addOption(
      new Option(
        '--checkpointing',
        "reckon with layers that are computed again on the way back, so that just their inputs are kept: lowrank's trainer does not do so",
      ),
    )
    .addOption(offlineOption())
    .addOption(jsonOption())
    .action(async (flags) => (await import('../run/plan.js')).runPlan(flags));
}

const planModelHelp = `${modelHelp}, a config.json, or a preset such as bert-base, gpt2-xl or llama-3-8b`;
