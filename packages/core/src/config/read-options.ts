import { LowrankError } from '../errors/lowrank-error.js';
import { nearest } from '../plan/nearest.js';

/** What an option may be. */
interface Option {
  fits: (value: unknown) => boolean;
  /** What `fits` asks for, in words. */
  rule: string;
  /** Its value where it is left out; without one it stays out. */
  start?: unknown;
  /** It has none, and must be given. */
  needed?: true;
  /** It is an object, each of whose values has to fit. */
  each?: true;
}

/** Options in the order in which they are kept. */
export type Options<Config> = { [Key in keyof Config]-?: Option };

/**
 * A copy of `input` with what was left out filled in.
 * Throws `config-invalid` for a value that does not fit, and with the nearest keys for one that is no option.
 */
export function readOptions<Config>(input: object, options: Options<Config>): Config {
  if (!isRecord(input)) throw unfit('the LoRA config', input, { rule: 'it is an object of options' });
  for (const key of Object.keys(input)) if (!Object.hasOwn(options, key)) throw unknown(key, options);
  const config: Record<string, unknown> = {};
  for (const [key, option] of Object.entries<Option>(options)) {
    const { [key]: value = option.start } = input;
    if (value === undefined && !option.needed) continue;
    check(key, value, option);
    config[key] = structuredClone(value);
  }
  return config as Config;
}

function check(key: string, value: unknown, option: Option): void {
  if (!option.each) {
    if (!option.fits(value)) throw unfit(key, value, option);
    return;
  }
  if (!isRecord(value)) throw unfit(key, value, option);
  for (const [name, one] of Object.entries(value))
    if (!option.fits(one)) throw unfit(`${key}.${name}`, one, { rule: option.rule });
}

/** An object as JSON has them. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value as JSON, so that what cannot be seen, such as NaN, is named too. */
export function shown(value: unknown): string {
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'nothing');
}

function unfit(what: string, value: unknown, { rule, start }: Pick<Option, 'rule' | 'start'>): LowrankError {
  const otherwise = start === undefined ? '' : `, or leave it out for ${shown(start)}`;
  return new LowrankError('config-invalid', {
    given: `${what}: ${shown(value)}`,
    rule,
    fix: `give a value that fits${otherwise}`,
  });
}

function unknown(key: string, options: object): LowrankError {
  return new LowrankError('config-invalid', {
    given: `"${key}" in the LoRA config`,
    rule: 'it is not an option',
    fix: `nearest here: ${nearest(key, Object.keys(options)).join(', ')}`,
  });
}
