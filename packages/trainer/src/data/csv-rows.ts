import Papa from 'papaparse';
import { dataError } from './data-error.js';

/** A row of a CSV file by the names of its columns, and what messages call its place. */
export interface CsvRow {
  where: string;
  fields: ReadonlyMap<string, string>;
}

/** What may stand between fields: the first that gives the columns looked for. */
const delimiters = [',', ';', '\t'];

/**
 * The rows below the header of a CSV file (RFC 4180), by commas, semicolons or tabs. Nothing is skipped but blank lines at
 * the end.
 *
 * @param columns what the header must have
 * @throws `data-invalid`, naming `file:line`: a column missing or named twice, a row of another width, a quote left open
 */
export function csvRows(text: string, file: string, columns: string[]): CsvRow[] {
  const content = text.replace(/^\uFEFF/, '').replace(/[\r\n]+$/, '');
  const readings = delimiters.map((delimiter) => rowsOf(content, delimiter));
  const has = ([header]: Row[]) => columns.every((column) => header?.fields.includes(column));
  const [header, ...rows] = (readings.find(has) ?? readings[0]) as Row[];
  if (!header) throw dataError(file, 'it is empty', 'leave it out');
  checkHeader(header, `${file}:${header.line}`, columns);
  if (rows.length === 0) throw dataError(file, 'it has a header and no rows', 'add rows, or leave it out');
  return rows.map((row) => {
    const where = `${file}:${row.line}`;
    checkRow(row, where, header.fields.length);
    return { where, fields: new Map(header.fields.map((name, index) => [name, row.fields[index] as string])) };
  });
}

/** The names in a table's header, as commas, semicolons or tabs part them: whichever way gives most. */
export function csvColumns(text: string): string[] {
  const header = /^[^\r\n]*/.exec(text.replace(/^\uFEFF/, ''))![0];
  const readings = delimiters.map((delimiter) => rowsOf(header, delimiter)[0]?.fields ?? []);
  return readings.reduce((most, fields) => (fields.length > most.length ? fields : most));
}

interface Row {
  /** From 1, where the row begins: a quoted field may span lines. */
  line: number;
  fields: string[];
  /** What the parser complains of. */
  fault: string | undefined;
}

function rowsOf(content: string, delimiter: string): Row[] {
  const rows: Row[] = [];
  let [line, seen] = [1, 0];
  Papa.parse<string[]>(content, {
    delimiter,
    step({ data, errors, meta }) {
      rows.push({ line, fields: data, fault: errors[0]?.message });
      line += content.slice(seen, meta.cursor).match(/\r\n|\n|\r/g)?.length ?? 0;
      seen = meta.cursor;
    },
  });
  return rows;
}

function checkHeader({ fields, fault }: Row, where: string, columns: string[]): void {
  const there = `the header names ${fields.map((name) => `"${name}"`).join(', ')}`;
  const fix = `begin the file with a header that names ${columns.map((name) => `"${name}"`).join(' and ')}, or say which columns to take`;
  if (fault) throw dataError(where, fault, quoteFix);
  const missing = columns.find((column) => !fields.includes(column));
  if (missing !== undefined) throw dataError(where, `there is no column "${missing}": ${there}`, fix);
  const twice = fields.find((name, index) => fields.indexOf(name) !== index);
  if (twice !== undefined) throw dataError(where, `two columns are named "${twice}"`, 'rename one of them');
}

function checkRow({ fields, fault }: Row, where: string, width: number): void {
  if (fault) throw dataError(where, fault, quoteFix);
  if (fields.length === width) return;
  const blank = fields.length === 1 && fields[0] === '';
  const rule = blank ? 'the line is blank' : `the row has ${fields.length} fields, the header ${width}`;
  throw dataError(where, rule, blank ? 'take it out' : quoteFix);
}

const quoteFix = 'enclose fields that hold delimiters, quotes or line breaks in quotes, and double the quotes inside';
