import { csvRows } from './csv-rows.js';
import { dataError, kindOf } from './data-error.js';
import { lineEndings, tableEndings } from './endings.js';
import { jsonLines, textAt, valueAt, type JsonLine } from './json-lines.js';
import { endsIn, readTextFiles } from './text-files.js';

/** A text, or two, and the name of its class. */
export interface LabelledText {
  /** The `file:line` that it came from. */
  where: string;
  text: string;
  /** A second text that the first is judged with, as in entailment. */
  pair?: string;
  label: string;
}

export interface LabelledTextOptions {
  /** The column or key of the text. Default `text`. */
  text?: string | undefined;
  /** That of a second text. Default `text_pair`, as Hugging Face calls it, where the file's first row or object has it. */
  pair?: string | undefined;
  /** That of the class's name, or number. Default `label`. */
  label?: string | undefined;
}

/**
 * The labelled texts of a `.csv` or `.tsv` file with a header, or of a `.jsonl` or `.ndjson` file with an object a line.
 *
 * @param content the whole file; a byte-order mark is fine
 * @param file its name, whose ending tells which it is
 * @throws `data-invalid`, naming `file:line` and the reason: a column or key missing, an empty text or label, a bad line
 */
export function parseLabelledTexts(content: string, file: string, options: LabelledTextOptions = {}): LabelledText[] {
  const { text = 'text', pair, label = 'label' } = options;
  const keys = { text, label, pair };
  return endsIn(file, tableEndings) ? fromTable(content, file, keys) : fromLines(content, file, keys);
}

/**
 * Reads labelled texts, Node only; of a folder, the files that lie in it, by name.
 *
 * @throws `file-missing`; `data-invalid` for another ending, bytes that are not UTF-8, and as `parseLabelledTexts`
 */
export async function readLabelledTexts(paths: string[], options: LabelledTextOptions = {}): Promise<LabelledText[]> {
  const files = await readTextFiles(paths, [...tableEndings, ...lineEndings], 'labelled text');
  return files.flatMap(({ file, content }) => parseLabelledTexts(content, file, options));
}

interface Keys {
  text: string;
  label: string;
  pair: string | undefined;
}

const usualPair = 'text_pair';

function fromTable(content: string, file: string, keys: Keys): LabelledText[] {
  const wanted = Object.values(keys).filter((column) => column !== undefined);
  const rows = csvRows(content, file, wanted);
  const pair = pairIn(keys, (column) => rows[0]?.fields.has(column) === true);
  return rows.map(({ where, fields }) => {
    const field = (column: string) => {
      const value = fields.get(column) as string;
      if (value.trim() !== '') return value;
      throw dataError(where, `"${column}" is empty`, 'fill it in, or take the row out');
    };
    return { where, text: field(keys.text), ...pairOf(pair, field), label: field(keys.label) };
  });
}

function fromLines(content: string, file: string, keys: Keys): LabelledText[] {
  const lines = jsonLines(content, file, lineFix(keys));
  const own = pairIn(keys, (key) => Object.hasOwn(lines[0]?.object ?? {}, key));
  const fix = lineFix({ ...keys, pair: own });
  return lines.map((line) => {
    const field = (key: string) => textAt(line, key, fix);
    return { where: line.where, text: field(keys.text), ...pairOf(own, field), label: labelAt(line, keys.label, fix) };
  });
}

function lineFix({ text, pair, label }: Keys): string {
  const names = [text, ...(pair === undefined ? [] : [pair]), label];
  return `write one object a line, such as {${names.map((name) => `"${name}": "..."`).join(', ')}}`;
}

/** The key of the second text: the one asked for, or the usual one where it is there and no other of the keys. */
function pairIn({ text, pair, label }: Keys, has: (key: string) => boolean): string | undefined {
  if (pair !== undefined) return pair;
  return has(usualPair) && text !== usualPair && label !== usualPair ? usualPair : undefined;
}

function pairOf(pair: string | undefined, field: (key: string) => string): { pair?: string } {
  return pair === undefined ? {} : { pair: field(pair) };
}

/** Numbers and truth values are names too. */
function labelAt(line: JsonLine, key: string, fix: string): string {
  const value = valueAt(line, key, fix);
  if (typeof value === 'boolean' || Number.isFinite(value)) return String(value);
  if (typeof value === 'string') return textAt(line, key, fix);
  throw dataError(line.where, `"${key}" is ${kindOf(value)}, not a name`, fix);
}
