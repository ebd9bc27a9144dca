import { Argument, Command, Option } from 'commander';
import { byteCount } from './byte-count.js';
import { whole } from './number.js';
import { jsonOption } from './shared-options.js';

export function sweepCommand(): Command {
  return new Command('sweep')
    .description(
      'Train over a search space: every combination, drawn ones, or those that do well further than others. Run again after whatever ended it, it goes on and repeats nothing.',
    )
    .addArgument(new Argument('<file>', 'the space and the options of train, as YAML or JSON'))
    .addOption(new Option('-o, --out <folder>', 'the folder to write: a run for each trial').makeOptionMandatory())
    .addOption(new Option('--parallel <n>', 'trials at once, each a process').argParser(whole()).default(1))
    .addOption(
      new Option('--redis <url>', 'queue the trials there for lowrank worker instead: redis://host:6379').conflicts(
        'dryRun',
      ),
    )
    .addOption(
      new Option('--emit <what>', 'write what runs the trials elsewhere to stdout, and run none')
        .choices(['kubernetes'])
        .conflicts('dryRun'),
    )
    .addOption(new Option('--image <image>', 'of --emit kubernetes: an image with lowrank on its path'))
    .addOption(new Option('--claim <name>', 'of --emit kubernetes: the claim of the volume that pods share'))
    .addOption(new Option('--mount <folder>', 'of --emit kubernetes: where they mount it (default: --out)'))
    .addOption(new Option('--cpus <n>', 'of --emit kubernetes: processors of a pod').argParser(whole()))
    .addOption(new Option('--memory <size>', 'of --emit kubernetes: of a pod, such as 4GiB').argParser(byteCount))
    .addOption(new Option('--dry-run', 'list the trials and run none'))
    .addOption(jsonOption())
    .addHelpText('after', example)
    .action(async (file, flags) => (await import('../run/sweep.js')).runSweepCommand(file, flags));
}

const example = `
A file such as

  model: tiny
  data: [text.txt]
  steps: 90
  search:
    rank: [4, 8, 16]
    learningRate: { min: 0.0001, max: 0.01, scale: log }
  strategy: random     # grid (default), random, halving or asha
  trials: 12           # of all but grid
  minSteps: 10         # of halving and asha: where trials are first judged
  eta: 3               # one in so many goes on, with so many times the steps
  sweepSeed: 0         # of the draws

has any option of lowrank train beside these keys.`;
