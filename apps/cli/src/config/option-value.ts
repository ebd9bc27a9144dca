import { InvalidArgumentError, type Option } from 'commander';
import type { EntriesParser } from './entries-parser.js';

/**
 * What an option makes of a value of a config file: the same as of the flag's text. Lists and maps
 * are read entry by entry where the option's parser can, else as texts with commas and `key=value` pairs; of an option
 * that takes several, a list has one each. `false` is a flag that is left away.
 *
 * @throws InvalidArgumentError as the option's own parser
 */
export function optionValue(option: Option, value: unknown): unknown {
  if (option.negate || option.isBoolean()) {
    if (typeof value !== 'boolean') throw new InvalidArgumentError('It is true or false.');
    return value || option.negate ? value : undefined;
  }
  if (!option.variadic) {
    const { ofEntries } = (option.parseArg ?? {}) as Partial<EntriesParser<unknown>>;
    const entries = ofEntries && typeof value === 'object' && value !== null;
    return entries ? ofEntries(value) : parsed(option, textOf(value), undefined);
  }
  const texts = Array.isArray(value) ? value.map(textOf) : [textOf(value)];
  if (texts.length === 0) throw new InvalidArgumentError('It is a list of at least one.');
  if (!option.parseArg) return texts;
  return texts.reduce<unknown>((earlier, text) => parsed(option, text, earlier), undefined);
}

function parsed(option: Option, text: string, earlier: unknown): unknown {
  return option.parseArg ? option.parseArg(text, earlier) : text;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.map(textOf).join(',');
  if (value !== null && typeof value === 'object') {
    return Object.entries(value)
      .map(([key, each]) => `${key}=${textOf(each)}`)
      .join(',');
  }
  throw new InvalidArgumentError(`It is a text or a number, not ${value === null ? 'nothing' : typeof value}.`);
}
