import { nearest } from '@lowrank/core/plan';
import { InvalidArgumentError } from 'commander';
import { trainCommand } from '../commands/train.js';
import { configKeys } from '../config/config-keys.js';
import { optionValue } from '../config/option-value.js';
import type { ConfigEntry } from '../config/config-entry.js';
import { readConfigFile } from '../config/read-config-file.js';
import { wrongOption } from '../output/usage-error.js';

/** What a file of rounds asks for. */
export interface RoundsFile {
  /** What all workers have, as a config file of train. */
  config: Record<string, unknown>;
  shards: string[][];
  rounds: number;
  steps: number;
  method: 'frozen-a' | 'product';
}

const ownKeys = ['shards', 'rounds', 'average'];

/** What of train is the rounds' own. */
const notTaken = ['out', 'resume', 'stopAfter', 'overwrite', 'json', 'data', 'startFrom', 'epochs', 'loraFa'];

/** Reads a file of rounds. Throws a usage error that names the file, the line, the key and the rule. */
export async function readRoundsFile(path: string): Promise<RoundsFile> {
  const entries = new Map((await readConfigFile(path)).map((entry) => [entry.key, entry]));
  const options = configKeys(trainCommand());
  for (const key of notTaken) options.delete(key);
  const config: Record<string, unknown> = {};
  for (const entry of entries.values()) {
    if (ownKeys.includes(entry.key)) continue;
    const option = options.get(entry.key);
    if (!option) {
      const near = nearest(entry.key, [...options.keys(), ...ownKeys]);
      throw wrong(entry, 'rounds take no such option', `nearest here: ${near.join(', ')}`);
    }
    try {
      optionValue(option, entry.value);
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
      throw wrong(entry, error.message, `it takes what ${option.flags} takes: see lowrank train --help`);
    }
    config[entry.key] = entry.value;
  }
  const find = (key: string) => entries.get(key) ?? { key, value: undefined, where: path };
  const method = find('average').value ?? 'frozen-a';
  if (method !== 'frozen-a' && method !== 'product') {
    throw wrong(
      find('average'),
      'it is frozen-a or product: the mean of A and of B apart is no mean of the updates',
      'give one of these',
    );
  }
  const [rounds, steps] = [count(find('rounds')), count(find('steps'))];
  if (method === 'frozen-a') config['loraFa'] = true;
  return { config, shards: shardsIn(find('shards')), rounds, steps, method };
}

function shardsIn(entry: ConfigEntry): string[][] {
  const { value } = entry;
  const paths = (each: unknown) =>
    Array.isArray(each) && each.length > 0 && each.every((path) => typeof path === 'string');
  if (Array.isArray(value) && value.length > 0 && value.every(paths)) return value as string[][];
  throw wrong(
    entry,
    'it is a list of lists of paths, one for each worker',
    'give such as shards: [[one.txt], [two.txt]]',
  );
}

function count(entry: ConfigEntry): number {
  if (Number.isInteger(entry.value) && (entry.value as number) >= 1) return entry.value as number;
  throw wrong(entry, 'rounds need it, a whole number from 1 on', `add ${entry.key}`);
}

function wrong({ key, value, where }: ConfigEntry, rule: string, fix: string): Error {
  return wrongOption({
    given: `${where}: ${key}${value === undefined ? '' : `: ${JSON.stringify(value)}`}`,
    rule,
    fix,
  });
}
