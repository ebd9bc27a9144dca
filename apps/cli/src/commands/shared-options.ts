import type { LoraInit } from '@lowrank/core';
import type { DataFormat } from '@lowrank/trainer';
import { Option, type Command } from 'commander';
import { backendChoices } from '../inputs/backend-names.js';
import { quantiseChoices } from '../inputs/quantise-choices.js';
import { init, initChoices } from './init-choices.js';
import { number, whole } from './number.js';
import { nameList, pattern, targets } from './targets.js';

// Options that several commands have in common, so that they are spelled, checked and explained once.

/** For a command that takes an adapter, which names its base. */
export const baseOption = () => new Option('-m, --model <folder>', `${modelHelp} (default: the adapter's base)`);

export const modelHelp =
  'a Hugging Face folder, a .gguf file, owner/name[@revision] on the hub, or "tiny" for the embedded model';

export const adapterHelp = 'a PEFT folder, or owner/name[@revision] on the hub';

export const offlineOption = () => new Option('--offline', 'never ask the hub: take what its cache has');

export const quantiseOption = () =>
  new Option(
    '--quantise <format>',
    "keep the base's weights packed, in about 1.07 (int8), 0.57 (nf4, q4) or 2 bytes each (bf16, f16), or as a GGUF file has them (stored)",
  ).choices(quantiseChoices);

const formats: DataFormat[] = ['text', 'completion', 'chat'];

export const formatOption = () =>
  new Option('--format <name>', "what each line of JSONL is (default: as the first line's keys tell)").choices(formats);

export const textColumnOption = () => new Option('--text-column <name>', 'the column or key of a text (default: text)');

export const pairColumnOption = () =>
  new Option(
    '--pair-column <name>',
    'the column or key of a second text that the first is judged with (default: text_pair, where there is one)',
  );

export const labelColumnOption = () =>
  new Option('--label-column <name>', "the column or key of a class's name (default: label)");

export const jsonOption = () => new Option('--json', 'one JSON object a line on stdout, everything else on stderr');

export const backendOption = () =>
  new Option('--backend <name>', 'what computes; auto takes node where tfjs-node is installed, else wasm')
    .choices(backendChoices)
    .default('auto');

export const seedOption = () => new Option('--seed <n>', 'decides every random choice').argParser(whole(0)).default(0);

/** What decides an adapter's shape. */
export function addLoraOptions(command: Command): Command {
  return command
    .addOption(new Option('-r, --rank <n>', 'columns of A and rows of B').argParser(whole()).default(8))
    .addOption(
      new Option('--alpha <n>', 'scales the update by alpha / rank (default: twice the rank)').argParser(
        number({ from: 0, above: true }),
      ),
    )
    .addOption(
      new Option('-t, --targets <names>', 'modules to adapt: names with commas, /an expression/ or all-linear')
        .argParser(targets)
        .default('all-linear'),
    )
    .addOption(new Option('--exclude <names>', 'modules to leave out, in the same forms').argParser(nameList))
    .addOption(
      new Option('--rank-pattern <pairs>', 'own ranks, as expression=rank with commas').argParser(pattern(whole())),
    )
    .addOption(
      new Option('--alpha-pattern <pairs>', 'own alphas, as expression=alpha with commas').argParser(
        pattern(number({ from: 0, above: true })),
      ),
    )
    .addOption(new Option('--rslora', 'scale by alpha / sqrt(rank) instead'))
    .addOption(
      new Option('--dropout <p>', "drop the adapter's inputs with this probability in training")
        .argParser(number({ from: 0, to: 1, below: true }))
        .default(0),
    )
    .addOption(new Option('--dora', 'train the magnitude of each output too'))
    .addOption(
      new Option('--init <how>', 'how the factors start; also pissa_niter_<n>; loftq needs --quantise')
        .choices(initChoices)
        .argParser(init)
        .default('kaiming'),
    );
}

export interface LoraFlags {
  rank: number;
  alpha?: number;
  targets: string | string[];
  exclude?: string | string[];
  rankPattern?: Record<string, number>;
  alphaPattern?: Record<string, number>;
  rslora?: boolean;
  dropout: number;
  dora?: boolean;
  init: LoraInit;
}
