import { nearest } from '@lowrank/core';
import type { Command, Option } from 'commander';
import { wrongOption } from '../output/usage-error.js';
import { checkedEntry } from './checked-entry.js';
import { configKeys } from './config-keys.js';
import type { ConfigEntry } from './config-entry.js';
import { readConfigFile } from './read-config-file.js';
import { recordFromFile } from './written.js';

/**
 * Makes the values of the file that `--config` names the defaults of a command, so that what is typed wins.
 *
 * @param typed the same command, from another table, which may be spoilt by parsing
 * @param args what follows the command's name
 * @throws a usage error that names the file, the line, the key, the rule and the nearest key
 */
export async function applyConfig(command: Command, typed: Command, args: string[]): Promise<void> {
  typed.parseOptions(args);
  const path = typed.getOptionValue('config') as string | undefined;
  if (path === undefined) return;
  const keys = configKeys(command);
  for (const entry of await readConfigFile(path)) {
    const option = keys.get(entry.key);
    if (!option) throw unknownKey(entry, command, [...keys.keys()]);
    const value = checkedEntry(option, entry);
    if (value === undefined || rivals(option, typed)) continue;
    option.default(value);
    command.setOptionValueWithSource(entry.key, value, 'config');
    recordFromFile(command, entry.key, { value: entry.value, from: entry.where });
  }
}

/** Whether something typed cannot stand beside it. */
function rivals(option: Option, typed: Command): boolean {
  const conflicts = (of: Option) => (of as unknown as { conflictsWith: string[] }).conflictsWith;
  return typed.options.some(
    (other) =>
      typed.getOptionValueSource(other.attributeName()) === 'cli' &&
      (conflicts(other).includes(option.attributeName()) || conflicts(option).includes(other.attributeName())),
  );
}

function unknownKey({ key, where }: ConfigEntry, command: Command, keys: string[]): Error {
  const near = nearest(key, keys);
  return wrongOption({
    given: `${where}: ${key}`,
    rule: `lowrank ${command.name()} has no such option`,
    fix: near.length > 0 ? `nearest here: ${near.join(', ')}` : `its keys are ${keys.join(', ')}`,
  });
}
