import { nearest } from '@lowrank/core/plan';
import { gridTrials, randomTrials, type Halving, type Space, type Trial } from '@lowrank/sweep';
import { InvalidArgumentError, type Option } from 'commander';
import { trainCommand } from '../commands/train.js';
import { configKeys } from '../config/config-keys.js';
import { optionValue } from '../config/option-value.js';
import type { ConfigEntry } from '../config/config-entry.js';
import { readConfigFile } from '../config/read-config-file.js';
import { typed, wrongOption } from '../output/usage-error.js';

/** What a sweep's file asks for. */
export interface SweepFile {
  trials: Trial[];
  /** Options in which they differ. */
  searched: string[];
  plan: { steps: number } | Halving;
}

const strategies = ['grid', 'random', 'halving', 'asha'] as const;

const ownKeys = ['search', 'strategy', 'trials', 'minSteps', 'eta', 'sweepSeed'];

/** What of train is no trial's. */
const notSearched = ['out', 'resume', 'stopAfter', 'overwrite', 'json'];

/**
 * Reads a sweep's file. Each option, and each choice of one, must be what `lowrank train` takes.
 *
 * @throws a usage error that names the file, the line, the key, the rule and the nearest key
 */
export async function readSweepFile(path: string): Promise<SweepFile> {
  const entries = new Map((await readConfigFile(path)).map((entry) => [entry.key, entry]));
  const options = configKeys(trainCommand());
  for (const key of notSearched) options.delete(key);
  const search = objectIn(entries.get('search'), path);
  const base: Record<string, unknown> = {};
  for (const entry of entries.values()) {
    if (ownKeys.includes(entry.key)) continue;
    checkOption(options, entry);
    base[entry.key] = entry.value;
  }
  const { where } = entries.get('search')!;
  for (const [key, of] of Object.entries(search)) {
    for (const value of Array.isArray(of) ? of : []) checkOption(options, { key, value, where });
    if (!Array.isArray(of)) checkOption(options, { key, value: (of as { min?: unknown } | null)?.min, where });
  }
  const number = (key: string, fallback?: number) => wholeNumber(entries.get(key), { key, path, fallback });
  const steps = number('steps');
  const strategy = strategyIn(entries.get('strategy'));
  const trials = typed(() =>
    strategy === 'grid'
      ? gridTrials(search as Space, base)
      : randomTrials(search as Space, base, { count: number('trials'), seed: number('sweepSeed', 0) }),
  );
  const searched = Object.keys(search);
  // A range may hold what its option does not take: a rank of 4.5.
  for (const trial of trials) for (const key of searched) checkOption(options, { key, value: trial[key], where });
  if (strategy === 'grid' || strategy === 'random') return { trials, searched, plan: { steps } };
  const minSteps = number('minSteps');
  const eta = number('eta', 3);
  if (minSteps > steps) throw wrong(entries.get('minSteps')!, `it is above steps, ${steps}`, 'lower it');
  if (eta < 2) throw wrong(entries.get('eta')!, 'one in two, or fewer, goes on', 'give 2 or more');
  // Trials are judged where they are evaluated.
  const every = { evalEvery: minSteps, ...base };
  const judged = trials.map((trial) => ({ ...every, ...trial }));
  return { trials: judged, searched, plan: { minSteps, steps, eta, asynchronous: strategy === 'asha' } };
}

function checkOption(options: Map<string, Option>, { key, value, where }: ConfigEntry): void {
  const option = options.get(key);
  if (!option) {
    const near = nearest(key, [...options.keys(), ...ownKeys]);
    throw wrong({ key, value, where }, 'lowrank train has no such option', `nearest here: ${near.join(', ')}`);
  }
  try {
    optionValue(option, value);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw wrong({ key, value, where }, error.message, `it takes what ${option.flags} takes: see lowrank train --help`);
  }
}

function objectIn(entry: ConfigEntry | undefined, path: string): Record<string, unknown> {
  const value = entry?.value;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw wrong(
    entry ?? { key: 'search', value: undefined, where: path },
    'it names the options that are searched, each with choices or a range',
    'give some, such as search: { rank: [4, 8] }',
  );
}

function strategyIn(entry: ConfigEntry | undefined): (typeof strategies)[number] {
  const value = entry?.value ?? 'grid';
  const found = strategies.find((name) => name === value);
  if (found) return found;
  throw wrong(
    entry as ConfigEntry,
    `it is one of ${strategies.join(', ')}`,
    `nearest here: ${nearest(JSON.stringify(value), [...strategies]).join(', ')}`,
  );
}

function wholeNumber(
  entry: ConfigEntry | undefined,
  { key, path, fallback }: { key: string; path: string; fallback?: number | undefined },
): number {
  const value = entry?.value ?? fallback;
  if (Number.isInteger(value) && (value as number) >= (fallback === 0 ? 0 : 1)) return value as number;
  throw wrong(entry ?? { key, value: undefined, where: path }, 'this sweep needs it, a whole number', `add ${key}`);
}

function wrong({ key, value, where }: ConfigEntry, rule: string, fix: string): Error {
  return wrongOption({
    given: `${where}: ${key}${value === undefined ? '' : `: ${JSON.stringify(value)}`}`,
    rule,
    fix,
  });
}
