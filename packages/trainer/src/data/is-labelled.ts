import { endsIn, listTextFiles } from './text-files.js';
import { lineEndings, plainEndings, tableEndings } from './endings.js';
import type { LabelledTextOptions } from './labelled-text.js';

/**
 * Whether what lies behind `paths` is labelled text, by the first file, Node only: a table, or JSON Lines whose first
 * object has both keys and is neither a completion nor a conversation. Where a plain text lies among the files it is not.
 *
 * @throws `file-missing`; `data-invalid` for an ending that no data has
 */
export async function isLabelled(
  paths: string[],
  { text = 'text', label = 'label' }: LabelledTextOptions = {},
): Promise<boolean> {
  const files = await listTextFiles(paths, [...plainEndings, ...lineEndings, ...tableEndings], 'data');
  if (files.some((file) => endsIn(file, plainEndings))) return false;
  const first = files[0] as string;
  if (endsIn(first, tableEndings)) return true;
  const keys = await firstKeys(first);
  return (
    [text, label].every((key) => keys.includes(key)) && !['completion', 'messages'].some((key) => keys.includes(key))
  );
}

/** Those of the object on a file's first line; none where there is no such object, which whoever reads it will tell. */
async function firstKeys(file: string): Promise<string[]> {
  const [{ createReadStream }, { createInterface }] = await Promise.all([import('node:fs'), import('node:readline')]);
  const input = createReadStream(file, 'utf8');
  try {
    for await (const line of createInterface({ input })) return Object.keys(JSON.parse(line.replace(/^\uFEFF/, '')));
  } catch {
    return [];
  } finally {
    input.destroy();
  }
  return [];
}
