import type { CombineKind, MajoritySign } from '@lowrank/combine';
import { Command, Option } from 'commander';
import { numberList, outOption, overwriteOption } from './arithmetic-options.js';
import { number, whole } from './number.js';
import { adapterHelp, jsonOption, offlineOption } from './shared-options.js';

export function combineCommand(): Command {
  return new Command('combine')
    .description('Write one adapter that does what several do, each times its weight; no model is loaded.')
    .argument('<adapters...>', adapterHelp)
    .addOption(
      new Option(
        '-w, --weights <numbers>',
        'one an adapter, with commas; negative ones too (default: 1 each)',
      ).argParser(numberList),
    )
    .addOption(
      new Option('-k, --kind <kind>', 'cat is exact; svd is the nearest at a rank; others are those of PEFT')
        .choices(combineKinds)
        .default('cat'),
    )
    .addOption(
      new Option('-r, --rank <n>', 'of svd kinds: the rank to cut to (default: the largest given)').argParser(whole()),
    )
    .addOption(
      new Option('--density <share>', 'of kinds that prune: the share of values that stays').argParser(
        number({ from: 0, above: true, to: 1 }),
      ),
    )
    .addOption(new Option('--majority-sign <how>', 'of ties kinds: by sum or by count (default: total)').choices(signs))
    .addOption(new Option('--seed <n>', 'of dare kinds: decides what is dropped (default: 0)').argParser(whole(0)))
    .addOption(
      new Option(
        '--saved-from <n>',
        'which adapter saved modules, trained biases and rows come from, 1 for the first (default: all, averaged)',
      ).argParser(whole()),
    )
    .addOption(outOption())
    .addOption(overwriteOption())
    .addOption(offlineOption())
    .addOption(jsonOption())
    .action(async (adapters, flags) => (await import('../run/combine.js')).runCombine({ adapters, ...flags }));
}

const signs: MajoritySign[] = ['total', 'frequency'];

const combineKinds: CombineKind[] = [
  'cat',
  'svd',
  'linear',
  'ties',
  'ties_svd',
  'dare_linear',
  'dare_linear_svd',
  'dare_ties',
  'dare_ties_svd',
  'magnitude_prune',
  'magnitude_prune_svd',
];
