import type { Option } from 'commander';
import { stringify } from 'yaml';
import { trainCommand } from '../commands/train.js';
import { configKeys } from '../config/config-keys.js';

/** Options that only a command line has a use for. */
const typedOnly = ['resume', 'overwrite', 'json'];

/** A config for `lowrank train`: what is chosen as keys, every other option as a comment with its default. */
export function configText(chosen: Record<string, unknown>): string {
  const options = [...configKeys(trainCommand())].filter(([key]) => !typedOnly.includes(key));
  const [live, silent] = [options.filter(([key]) => chosen[key] !== undefined), options];
  const rest = silent.filter(([key]) => chosen[key] === undefined);
  return [
    '# What `lowrank train --config <this file>` takes; what is typed wins. Paths start where the command is run.',
    ...live.map(([key, option]) => `${about(option)}\n${stringify({ [key]: chosen[key] }).trimEnd()}`),
    '# Everything else, with its default. Take the # away to change one.',
    ...rest.map(([key, option]) => `${about(option)}\n# ${key}:${example(option)}`),
  ]
    .join('\n\n')
    .concat('\n');
}

function about({ description, argChoices }: Option): string {
  const choices = argChoices ? ` One of ${argChoices.join(', ')}.` : '';
  return `# ${description[0]?.toUpperCase()}${description.slice(1)}.${choices}`;
}

function example(option: Option): string {
  if (option.defaultValue !== undefined) return ` ${stringify(option.defaultValue).trimEnd()}`;
  return option.isBoolean() ? ' true' : '';
}
