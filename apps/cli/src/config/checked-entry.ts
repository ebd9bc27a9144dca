import { nearest } from '@lowrank/core';
import { InvalidArgumentError, type Option } from 'commander';
import { wrongOption } from '../output/usage-error.js';
import type { ConfigEntry } from './config-entry.js';
import { optionValue } from './option-value.js';

/** What an option makes of a config file's value for it. Throws a usage error that names the file, the line and the key. */
export function checkedEntry(option: Option, entry: ConfigEntry): unknown {
  try {
    return optionValue(option, entry.value);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    const near = typeof entry.value === 'string' ? nearest(entry.value, option.argChoices ?? []) : [];
    throw wrongOption({
      given: `${entry.where}: ${entry.key}: ${JSON.stringify(entry.value)}`,
      rule: `${option.long}: ${error.message}`,
      fix: near.length > 0 ? `nearest here: ${near.join(', ')}` : `it takes what ${option.flags} takes: see --help`,
    });
  }
}
