import { Command, Option } from 'commander';
import { whole } from './number.js';
import { jsonOption } from './shared-options.js';

export function doctorCommand(): Command {
  return new Command('doctor')
    .description(
      'Say which backends work on this machine, how fast each is and what memory it takes, and what an absent one lacks.',
    )
    .addOption(
      new Option('--timeout <s>', 'seconds after which a process that looks at a backend is ended')
        .argParser(whole())
        .default(60),
    )
    .addOption(jsonOption())
    .action(async (flags) => (await import('../run/doctor.js')).runDoctor(flags));
}
