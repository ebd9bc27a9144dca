import { Command, Option } from 'commander';
import { number, whole } from './number.js';
import { jsonOption } from './shared-options.js';

export function workerCommand(): Command {
  return new Command('worker')
    .description('Do trials of a sweep on this machine, as lowrank sweep --redis queues them, until it is told to end.')
    .addOption(new Option('--redis <url>', 'the Redis server that holds the queue: redis://host:6379'))
    .addOption(
      new Option(
        '--folder <folder>',
        "the sweep's folder (--out of lowrank sweep), which all machines mount",
      ).makeOptionMandatory(),
    )
    .addOption(new Option('--concurrency <n>', 'trials at once').argParser(whole()).default(1))
    .addOption(
      new Option('--lock <seconds>', 'silence after which a trial of this worker goes to another')
        .argParser(number({ from: 0, above: true }))
        .default(30),
    )
    .addOption(
      new Option('--idle <seconds>', 'end after so long without a trial (default: never)').argParser(
        number({ from: 0, above: true }),
      ),
    )
    .addOption(
      new Option(
        '--job <file>',
        'instead of a queue: do the one trial of this file, as --emit kubernetes writes it',
      ).conflicts(['redis', 'concurrency', 'lock', 'idle']),
    )
    .addOption(jsonOption())
    .addHelpText('after', '\nCtrl-C or SIGTERM ends the running step, keeps it and gives the trial back.')
    .action(async (flags) => (await import('../run/worker.js')).runWorker(flags));
}
