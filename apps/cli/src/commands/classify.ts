import { Argument, Command, Option } from 'commander';
import { whole } from './number.js';
import { adapterHelp, backendOption, baseOption, jsonOption, offlineOption, quantiseOption } from './shared-options.js';

export function classifyCommand(): Command {
  return new Command('classify')
    .description('Say which class a text belongs to, and how likely each is.')
    .addArgument(new Argument('[texts...]', 'each in quotes; without any, the lines of stdin'))
    .addOption(baseOption())
    .addOption(quantiseOption())
    .addOption(new Option('-a, --adapter <folder>', `${adapterHelp}; without one the model's own head decides`))
    .addOption(
      new Option(
        '--pair <text>',
        'a second text that each is judged with; a line of stdin may be {"text": "...", "text_pair": "..."} instead',
      ),
    )
    .addOption(
      new Option('--sequence <n>', "most tokens a text (default: 256, or the model's most)").argParser(whole(2)),
    )
    .addOption(offlineOption())
    .addOption(backendOption())
    .addOption(jsonOption())
    .action(async (texts, flags) => (await import('../run/classify.js')).runClassify(texts, flags));
}
