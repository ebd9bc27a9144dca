import { Command, Option } from 'commander';
import { tasks } from '../inputs/task-names.js';
import { writtenValues } from '../config/written.js';
import { number, whole } from './number.js';
import {
  addLoraOptions,
  backendOption,
  formatOption,
  labelColumnOption,
  jsonOption,
  modelHelp,
  offlineOption,
  pairColumnOption,
  quantiseOption,
  seedOption,
  textColumnOption,
} from './shared-options.js';

export function trainCommand(): Command {
  const command = new Command('train')
    .description(
      'Train an adapter on text, prompts with completions, chats or labelled texts and write it as a PEFT folder. Ctrl-C keeps what was learned: see --resume.',
    )
    .addOption(new Option('-m, --model <folder>', modelHelp))
    .addOption(quantiseOption())
    .addOption(new Option('-d, --data <paths...>', 'what to learn from: .txt, .md, .jsonl, .csv files or folders'))
    .addOption(
      new Option('--task <name>', 'go on with text, or tell classes of it apart (default: as the data tell)').choices(
        tasks,
      ),
    )
    .addOption(formatOption())
    .addOption(textColumnOption())
    .addOption(labelColumnOption())
    .addOption(pairColumnOption())
    .addOption(new Option('-o, --out <folder>', 'the folder to write').makeOptionMandatory())
    .addOption(new Option('--resume', 'go on from the last checkpoint in --out, with the options it was started with'))
    .addOption(
      new Option('--stop-after <n>', 'stop at the first evaluation from this step on, kept for --resume').argParser(
        whole(),
      ),
    )
    .addOption(new Option('--overwrite', 'replace an adapter that is already in --out'));
  return addLoraOptions(command)
    .addOption(
      new Option('--start-from <folder>', 'an adapter of the same modules, ranks and scalings that this one starts as'),
    )
    .addOption(new Option('--eval-data <paths...>', 'data held out for evaluation'))
    .addOption(
      new Option('--holdout <share>', 'else: share of the data to hold out, from its end')
        .argParser(number({ from: 0, above: true, to: 1, below: true }))
        .default(0.1),
    )
    .addOption(new Option('--steps <n>', 'optimiser updates (default: from --epochs)').argParser(whole()))
    .addOption(
      new Option('--epochs <n>', 'times through the data').argParser(number({ from: 0, above: true })).default(1),
    )
    .addOption(new Option('--batch <n>', 'windows or examples at once').argParser(whole()).default(8))
    .addOption(new Option('--accumulate <n>', 'batches an update').argParser(whole()).default(1))
    .addOption(
      new Option('--sequence <n>', "most tokens a window or example (default: 256, or the model's most)").argParser(
        whole(2),
      ),
    )
    .addOption(new Option('--pack', 'put several examples into a sequence, where they see those before them'))
    .addOption(
      new Option('--learning-rate <n>', 'peak, after warm-up and before the cosine')
        .argParser(number({ from: 0, above: true }))
        .default(1e-3),
    )
    .addOption(
      new Option('--lora-plus <ratio>', "LoRA+: B learns at this multiple of A's rate").argParser(number({ from: 1 })),
    )
    .addOption(new Option('--lora-fa', 'LoRA-FA: A stays as it started, and B makes up for that'))
    .addOption(
      new Option(
        '--adaptive-budget <n>',
        'the most parameters that stay trained: ranks begin as planned, and what matters least is pruned',
      ).argParser(whole()),
    )
    .addOption(new Option('--warmup <n>', 'steps of warm-up (default: 5 % of all)').argParser(whole(0)))
    .addOption(new Option('--weight-decay <n>', "AdamW's").argParser(number({ from: 0 })).default(0.01))
    .addOption(
      new Option('--clip <n>', 'largest norm of the gradient, 0 for none').argParser(number({ from: 0 })).default(1),
    )
    .addOption(
      new Option('--eval-every <n>', 'steps between evaluations (default: a quarter of all)').argParser(whole()),
    )
    .addOption(
      new Option('--checkpoint-every <n>', 'steps between checkpoints (default: a tenth of all)').argParser(whole()),
    )
    .addOption(new Option('--sample <prompt>', 'write a sample with this prompt before and after'))
    .addOption(seedOption())
    .addOption(offlineOption())
    .addOption(backendOption())
    .addOption(jsonOption())
    .action(async (flags, command: Command) => {
      const given = Object.keys(flags).filter((name) => command.getOptionValueSource(name) === 'cli');
      const written = [...writtenValues(command)].map(([key, { value }]) => [key, value]);
      await (await import('../run/train.js')).runTrain(flags, { given, written: Object.fromEntries(written) });
    });
}
