import { InvalidArgumentError } from 'commander';

/** `all-linear`, names with commas, or an expression between slashes, which must match the whole path. */
export function targets(text: string): string | string[] {
  return text.toLowerCase() === 'all-linear' ? 'all-linear' : nameList(text);
}

/** Names with commas, or an expression between slashes. */
export function nameList(text: string): string | string[] {
  if (text.length > 2 && text.startsWith('/') && text.endsWith('/')) return text.slice(1, -1);
  const names = text.split(',').map((name) => name.trim());
  if (names.every((name) => name !== '')) return names;
  throw new InvalidArgumentError('Give names with commas between them, e.g. q_proj,v_proj.');
}

/** `expression=value,…` as a pattern; the order is kept, for the first match wins. */
export function pattern(value: (text: string) => number): (text: string) => Record<string, number> {
  return (text) => Object.fromEntries(text.split(',').map((pair) => entry(pair, value)));
}

function entry(pair: string, value: (text: string) => number): [string, number] {
  const at = pair.lastIndexOf('=');
  if (at > 0) return [pair.slice(0, at).trim(), value(pair.slice(at + 1))];
  throw new InvalidArgumentError(`"${pair}" is not of the form name=value.`);
}
