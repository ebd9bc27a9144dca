import { wrongOption } from '../output/usage-error.js';
import type { ConfigEntry } from './config-entry.js';

/**
 * The keys of a config file of YAML, or of JSON, which is YAML too; this parser knows where each key stands.
 * Throws a usage error for what does not parse or holds no object.
 */
export async function yamlEntries(path: string, source: string): Promise<ConfigEntry[]> {
  const { isMap, isScalar, LineCounter, parseDocument } = await import('yaml');
  const lineCounter = new LineCounter();
  const at = (offset = 0) => `${path}:${lineCounter.linePos(offset).line}`;
  const document = orUnreadable(path, () =>
    parseDocument(source, { lineCounter, prettyErrors: false, logLevel: 'error' }),
  );
  const [error] = document.errors;
  if (error) throw unreadable(at(error.pos[0]), error.message);
  if (document.contents === null) return [];
  if (!isMap(document.contents)) throw unreadable(at(0), 'it is no object of options');
  return document.contents.items.map(({ key, value }) => {
    const range = isScalar(key) ? key.range : undefined;
    const node = value as { toJS(of: unknown): unknown } | null;
    const where = at(range?.[0]);
    return {
      key: String(isScalar(key) ? key.value : key),
      value: node === null ? null : orUnreadable(where, () => plain(node.toJS(document))),
      where,
    };
  });
}

/** An alias of nothing, of too much, or of what it stands in, and nesting beyond the stack, are met only here. */
function orUnreadable<Value>(given: string, read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    throw unreadable(given, (cause as Error).message);
  }
}

/** Throws for a value that holds itself, which no option takes and no message can show. */
function plain(value: unknown): unknown {
  JSON.stringify(value);
  return value;
}

/** A usage error for a config file that holds no options. */
export function unreadable(given: string, rule: string): Error {
  return wrongOption({ given, rule, fix: 'give one option a line, such as rank: 8; lowrank init writes such a file' });
}
