import { InvalidArgumentError, Option } from 'commander';
import { number, whole } from './number.js';

/** Options that the commands of adapter arithmetic have in common. */
export const outOption = () => new Option('-o, --out <folder>', 'the folder to write').makeOptionMandatory();

export const overwriteOption = () => new Option('--overwrite', 'replace an adapter that is already there');

export const rankOption = () =>
  new Option('-r, --rank <n>', 'the rank of every module, or less where a module has no more')
    .argParser(whole())
    .conflicts('energy');

export const energyOption = () =>
  new Option(
    '--energy <share>',
    'instead: the smallest rank of each module that keeps this share of its squared norm',
  ).argParser(number({ from: 0, above: true, to: 1 }));

/** Finite numbers with commas. */
export function numberList(text: string): number[] {
  const numbers = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (numbers.every(Number.isFinite)) return numbers;
  throw new InvalidArgumentError('Give numbers with commas between them, e.g. 0.7,0.3.');
}
