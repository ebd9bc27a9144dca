import { InvalidArgumentError } from 'commander';
import { entriesParser, type EntriesParser } from '../config/entries-parser.js';
import { splitPairs } from './split-pairs.js';

/** `all-linear`, names with commas, or an expression between slashes, which must match the whole path. */
export const targets: EntriesParser<string | string[]> = entriesParser(
  (text) => allLinear(text) ?? nameList(text),
  (entries) => {
    const only = Array.isArray(entries) && entries.length === 1 ? (entries[0] as unknown) : undefined;
    return (typeof only === 'string' ? allLinear(only) : undefined) ?? nameList.ofEntries(entries);
  },
);

/** Names with commas, or an expression between slashes; of a config a list, whose names may have commas. */
export const nameList: EntriesParser<string | string[]> = entriesParser(
  (text) => expressionIn(text) ?? checkedNames(text.split(',').map((name) => name.trim())),
  (entries) => {
    if (!Array.isArray(entries)) throw new InvalidArgumentError('It is a list of names, or one text.');
    const names = (entries as unknown[]).map((entry) =>
      typeof entry === 'string' || typeof entry === 'number' ? String(entry).trim() : '',
    );
    return (names.length === 1 ? expressionIn(names[0]!) : undefined) ?? checkedNames(names);
  },
);

function allLinear(text: string): string | undefined {
  return text.toLowerCase() === 'all-linear' ? 'all-linear' : undefined;
}

function expressionIn(text: string): string | undefined {
  return text.length > 2 && text.startsWith('/') && text.endsWith('/') ? text.slice(1, -1) : undefined;
}

function checkedNames(names: string[]): string[] {
  if (names.length === 0 || names.includes('')) {
    throw new InvalidArgumentError('Give names with commas between them, e.g. q_proj,v_proj.');
  }
  const expression = names.find((name) => name.startsWith('/'));
  if (expression === undefined) return names;
  throw new InvalidArgumentError(`An expression stands alone: put what "${names.join(',')}" means into one, /(a|b)/.`);
}

/**
 * `expression=value,…` as a pattern; the order is kept, for the first match wins. Of a config a map, or a list of such
 * pairs.
 */
export function pattern(value: (text: string) => number): EntriesParser<Record<string, number>> {
  const ofPairs = (pairs: string[]) => Object.fromEntries(pairs.map((pair) => entry(pair, value)));
  return entriesParser(
    (text) => ofPairs(splitPairs(text)),
    (entries) => {
      if (Array.isArray(entries)) return ofPairs((entries as unknown[]).map(String));
      return Object.fromEntries(
        Object.entries(entries).map(([key, each]: [string, unknown]) => [key, value(String(each))]),
      );
    },
  );
}

function entry(pair: string, value: (text: string) => number): [string, number] {
  const at = pair.lastIndexOf('=');
  if (at > 0) return [pair.slice(0, at).trim(), value(pair.slice(at + 1))];
  throw new InvalidArgumentError(`"${pair}" is not of the form name=value.`);
}
