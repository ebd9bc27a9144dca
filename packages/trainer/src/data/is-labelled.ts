import { csvColumns } from './csv-rows.js';
import { endsIn, listTextFiles } from './text-files.js';
import { lineEndings, plainEndings, tableEndings } from './endings.js';
import type { LabelledTextOptions } from './labelled-text.js';

/**
 * Whether what lies behind `paths` is labelled text, by the first file, Node only: a table, but one of texts
 * alone or of completions, or JSON Lines whose first object has both keys and is neither a completion nor a
 * conversation. Where a plain text lies among the files it is not.
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
  if (endsIn(first, tableEndings)) {
    const columns = csvColumns(await firstLine(first));
    const textsAlone = columns.length === 1 && columns[0] === text;
    return columns.includes(label) || !(textsAlone || columns.includes('completion'));
  }
  const keys = firstKeys(await firstLine(first));
  return (
    [text, label].every((key) => keys.includes(key)) && !['completion', 'messages'].some((key) => keys.includes(key))
  );
}

/** Those of the object on a line; none where there is no such object, which whoever reads it will tell. */
function firstKeys(line: string): string[] {
  try {
    return Object.keys(JSON.parse(line));
  } catch {
    return [];
  }
}

/** Without a byte-order mark; empty where the file is. */
async function firstLine(file: string): Promise<string> {
  const [{ createReadStream }, { createInterface }] = await Promise.all([import('node:fs'), import('node:readline')]);
  const input = createReadStream(file, 'utf8');
  try {
    for await (const line of createInterface({ input })) return line.replace(/^\uFEFF/, '');
  } finally {
    input.destroy();
  }
  return '';
}
