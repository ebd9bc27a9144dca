import { Command, Option } from 'commander';
import { rankMethods } from '../rank/rank-methods.js';
import { tasks } from '../inputs/task-names.js';
import { byteCount } from './byte-count.js';
import { number, whole } from './number.js';
import {
  adapterHelp,
  addLoraOptions,
  backendOption,
  formatOption,
  jsonOption,
  labelColumnOption,
  modelHelp,
  offlineOption,
  pairColumnOption,
  quantiseOption,
  seedOption,
  textColumnOption,
} from './shared-options.js';

export function rankCommand(): Command {
  const command = new Command('rank')
    .description(
      'Choose the rank of each module within a budget, evenly or by what the model and the data show; or, with --adapter, say what ranks training used and cut the adapter to them.',
    )
    .addOption(new Option('-m, --model <model>', `${modelHelp}; without data also a config.json or a preset`))
    .addOption(quantiseOption())
    .addOption(new Option('-a, --adapter <folder>', `after training: ${adapterHelp}`))
    .addOption(new Option('-d, --data <paths...>', 'what is to be learned, or with --adapter what to measure loss on'))
    .addOption(new Option('--task <name>', 'as for train (default: as the data tell)').choices(tasks))
    .addOption(formatOption())
    .addOption(textColumnOption())
    .addOption(labelColumnOption())
    .addOption(pairColumnOption())
    .addOption(
      budgetOption('--budget-parameters <n>', 'the most parameters to train').argParser(
        number({ from: 0, above: true }),
      ),
    )
    .addOption(
      budgetOption('--budget-reduction <percent>', "how many fewer parameters than the model's to train").argParser(
        number({ from: 0, above: true, to: 100, below: true }),
      ),
    )
    .addOption(
      budgetOption('--budget-memory <size>', 'what a whole training step may hold, such as 2GiB').argParser(byteCount),
    )
    .addOption(
      new Option('--by <method>', 'what decides (default: adaptive with data, else even)').choices(rankMethods),
    )
    .addOption(
      new Option('--energy <share>', 'with --adapter: the share of its squared norm that each update keeps').argParser(
        number({ from: 0, above: true, to: 1 }),
      ),
    )
    .addOption(new Option('--steps <n>', 'batches to look at').argParser(whole()).default(8))
    .addOption(
      new Option('--probe-steps <n>', 'with --by probes: updates of the shortest run').argParser(whole()).default(16),
    )
    .addOption(
      new Option('--updates <n>', 'with --by adaptive: updates of the run that ends with the ranks')
        .argParser(whole(8))
        .default(64),
    )
    .addOption(
      new Option('--learning-rate <n>', 'with --by adaptive or probes: as for train')
        .argParser(number({ from: 0, above: true }))
        .default(1e-3),
    )
    .addOption(new Option('--batch <n>', 'windows or examples at once').argParser(whole()).default(8))
    .addOption(
      new Option('--sequence <n>', "most tokens of each (default: 256, or the model's most)").argParser(whole(2)),
    )
    .addOption(new Option('-o, --out <path>', 'the .json file of options to write; of --adapter the folder'))
    .addOption(new Option('--overwrite', 'replace what is already there'))
    .addOption(new Option('--plots <folder>', 'write plots there as SVG: ranks by layer, singular values, the budget'));
  return addLoraOptions(command)
    .addOption(seedOption())
    .addOption(offlineOption())
    .addOption(backendOption())
    .addOption(jsonOption())
    .action(async (flags) => (await import('../run/rank.js')).runRank(flags));
}

const budgets = ['budgetParameters', 'budgetReduction', 'budgetMemory'];

function budgetOption(flags: string, description: string): Option {
  const option = new Option(flags, description);
  return option.conflicts(budgets.filter((name) => name !== option.attributeName()));
}
