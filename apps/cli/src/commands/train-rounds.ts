import { Argument, Command, Option } from 'commander';
import { whole } from './number.js';
import { jsonOption } from './shared-options.js';

export function trainRoundsCommand(): Command {
  return new Command('train-rounds')
    .description(
      'Train one adapter by many workers, each on its own data: after each round their adapters are averaged, and all go on from that. Run again after whatever ended it, it goes on and repeats nothing.',
    )
    .addArgument(new Argument('<file>', 'the shards and the options of train, as YAML or JSON'))
    .addOption(new Option('-o, --out <folder>', 'the folder to write: a folder for each round').makeOptionMandatory())
    .addOption(new Option('--parallel <n>', 'workers at once, each a process').argParser(whole()).default(1))
    .addOption(
      new Option('--redis <url>', "queue the workers' parts there for lowrank worker instead: redis://host:6379"),
    )
    .addOption(jsonOption())
    .addHelpText('after', example)
    .action(async (file, flags) => (await import('../run/train-rounds.js')).runTrainRounds(file, flags));
}

const example = `
A file such as

  model: tiny
  shards: [[one.txt], [two.txt, three.txt]]   # the data of each worker
  evalData: [held-out.txt]
  rounds: 4
  steps: 30             # of each worker in each round
  average: frozen-a     # the mean of B, with A frozen (default); or product, cut back to the rank by an SVD

has any option of lowrank train beside these keys. Each round has an optimiser and a schedule of its own.`;
