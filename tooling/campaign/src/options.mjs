import { parseArgs } from 'node:util';

/**
 * A campaign's options: those of all, `--minutes`, after which nothing new begins and the next call goes on, and its
 * own with their defaults, whose numbers come as numbers.
 */
export function optionsOf(args, defaults = {}) {
  const all = { minutes: 60, ...defaults };
  const options = Object.fromEntries(
    Object.entries(all).map(([key, value]) => [key, { type: 'string', default: String(value) }]),
  );
  const { values } = parseArgs({ args, options });
  const read = Object.entries(values).map(([key, value]) => [
    key,
    typeof all[key] === 'number' ? Number(value) : value,
  ]);
  const { minutes, ...given } = Object.fromEntries(read);
  return { ...given, until: performance.now() + 60_000 * minutes };
}
